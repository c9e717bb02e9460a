import type { DayFile } from "./day-file.ts";
import { intersect, union, type DocList } from "./doc-list.ts";
import type { Filter } from "./filter.ts";
import { EPOCH_SEGMENTS, SEARCH_TERMS } from "./limits.ts";
import { EVERY_EVENT, type Scope } from "./term.ts";

type Lists = ReadonlyMap<number, () => DocList>;

const NOTHING: Lists = new Map();

/**
 * For each segment of a day, which events can match, as far as postings tell: all exact attributes in any of the scopes.
 * Prefixes and text are left to whoever reads the events.
 */
export class PostingLists {
  readonly #file: DayFile;
  readonly #filter: Filter;
  readonly #work: { spent: number };
  readonly #scopes: readonly Scope[];
  /** Postings would not narrow it down, or there would be too many of them to read. */
  readonly #everything: boolean;
  readonly #epochs = new Map<number, Lists>();

  constructor(file: DayFile, filter: Filter, work: { spent: number }) {
    this.#file = file;
    this.#filter = filter;
    this.#work = work;
    this.#scopes = filter.scope === undefined ? file.scopes.filter((scope) => filter.includes(scope)) : [filter.scope];
    this.#everything =
      filter.scope === undefined &&
      this.#scopes.length > 0 &&
      ((filter.exact.length === 0 && this.#scopes.length === file.scopes.length) ||
        this.#scopes.length * Math.max(1, filter.exact.length) > SEARCH_TERMS);
  }

  /** Undefined where none can match. */
  of(segment: number): DocList | "everything" | undefined {
    if (this.#everything) return "everything";
    const epoch = Math.floor(segment / EPOCH_SEGMENTS);
    let lists = this.#epochs.get(epoch);
    if (lists === undefined) {
      lists = this.#read(epoch);
      this.#epochs.set(epoch, lists);
    }
    return lists.get(segment)?.();
  }

  #read(epoch: number): Lists {
    let all: Lists = NOTHING;
    for (const scope of this.#scopes) {
      const { exact } = this.#filter;
      const terms =
        exact.length === 0
          ? [this.#file.terms.of(scope, EVERY_EVENT, "")]
          : exact.map(({ key, value }) => this.#file.terms.of(scope, key, value));
      let found: Lists | undefined;
      for (const term of terms) {
        const rows = new Map(this.#file.postings(epoch, term));
        this.#work.spent += 1 + rows.size;
        found = found === undefined ? rows : combine(found, rows, intersect, "both");
        if (found.size === 0) break;
      }
      all = combine(all, found ?? NOTHING, union, "either");
    }
    return all;
  }
}

function combine(a: Lists, b: Lists, merge: (a: DocList, b: DocList) => DocList, keep: "both" | "either"): Lists {
  if (keep === "either" && (a.size === 0 || b.size === 0)) return a.size === 0 ? b : a;
  const result = new Map<number, () => DocList>();
  for (const [segment, docs] of a) {
    const others = b.get(segment);
    if (others === undefined) {
      if (keep === "either") result.set(segment, docs);
      continue;
    }
    const merged = merge(docs(), others());
    if (merged.length > 0) result.set(segment, () => merged);
  }
  if (keep === "either") for (const [segment, docs] of b) if (!a.has(segment)) result.set(segment, docs);
  return result;
}
