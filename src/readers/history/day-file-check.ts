import type { DayFile, SegmentSpan } from "./day-file.ts";
import { whatIsWrong } from "./event-check.ts";
import { readEventIndex } from "./event-index.ts";
import type { EventBytes } from "./frame.ts";
import { EPOCH_SEGMENTS } from "./limits.ts";

export interface DayFinding {
  readonly place: string;
  readonly what: string;
}

/** Ordinals of the events that carry a term, by segment. */
type Expected = Map<number, number[]>;

/** Findings of one segment after which the rest of it is left alone: one damaged octet can spoil a thousand events. */
const MOST = 5;

/** Reads every segment of a day, and sees to it that each of its events is found by each of its attributes. */
export class DayFileCheck {
  readonly #file: DayFile;
  #events = 0;

  constructor(file: DayFile) {
    this.#file = file;
  }

  /** Events that could be read. */
  get events(): number {
    return this.#events;
  }

  *run(): Generator<DayFinding> {
    const epochs = Map.groupBy(
      this.#file.newestFirst.toSorted((a, b) => a.segment - b.segment),
      ({ segment }) => Math.floor(segment / EPOCH_SEGMENTS),
    );
    let before = 0;
    for (const [epoch, spans] of epochs) {
      const expected = new Map<number, Expected>();
      for (const span of spans) {
        const place = `segment ${span.segment}`;
        try {
          let found = 0;
          for (const what of this.#segment(span, before, expected)) {
            yield { place, what };
            if (++found === MOST) break;
          }
        } catch (error) {
          yield { place, what: withoutPath(error, this.#file.path) };
        }
        before = Math.max(before, span.lastPosition);
      }
      yield* this.#postings(epoch, expected);
    }
  }

  *#segment(span: SegmentSpan, before: number, expected: Map<number, Expected>): Generator<string> {
    const { segment, earliest, latest, lastPosition } = span;
    const { times, positions } = this.#file.columns(segment);
    let last = before;
    for (const position of positions) {
      if (position <= last) yield `position ${position} comes after ${last}`;
      last = position;
    }
    if (last !== lastPosition) yield `ends at position ${last} instead of ${lastPosition}`;
    const [least, most] = [Math.min(...times), Math.max(...times)];
    if (least !== earliest || most !== latest) yield `has events from ${least} to ${most} instead of ${earliest} to ${latest}`;
    let ordinal = 0;
    for (const { head, record } of this.#eventsOf(segment)) {
      const what = whatIsWrong(head, record);
      const index = readEventIndex(head);
      if (what !== undefined || index === undefined) {
        yield `event ${ordinal}: ${what}`;
      } else if (Math.floor(index.time) !== times[ordinal]) {
        yield `event ${ordinal} is of ${index.time}, not ${times[ordinal]}`;
      } else {
        const at = ordinal;
        this.#file.terms.forEach(index, (term) => expect(expected, term, segment, at));
        this.#events++;
      }
      ordinal++;
    }
    if (ordinal !== times.length) yield `has ${ordinal} events instead of ${times.length}`;
  }

  *#eventsOf(segment: number): Generator<EventBytes> {
    const { frames } = this.#file.columns(segment);
    const id = this.#file.dictionaryOf(segment);
    const dictionary = id === undefined ? undefined : this.#file.dictionary(id);
    for (const frame of frames.keys()) yield* this.#file.frame(segment, frame, dictionary);
  }

  *#postings(epoch: number, expected: ReadonlyMap<number, Expected>): Generator<DayFinding> {
    let found = 0;
    for (const [term, segments] of expected) {
      const place = `postings ${term} of epoch ${epoch}`;
      try {
        const stored = new Map(this.#file.postings(epoch, term));
        for (const [segment, ordinals] of segments) {
          const docs = new Set(stored.get(segment)?.());
          if (ordinals.every((ordinal) => docs.has(ordinal))) continue;
          yield { place, what: `do not name all events of segment ${segment} that they should: queries miss them` };
          found++;
        }
      } catch (error) {
        yield { place, what: withoutPath(error, this.#file.path) };
        found++;
      }
      if (found >= MOST) return;
    }
  }
}

function expect(expected: Map<number, Expected>, term: number, segment: number, ordinal: number): void {
  let segments = expected.get(term);
  if (segments === undefined) expected.set(term, (segments = new Map()));
  const ordinals = segments.get(segment);
  if (ordinals === undefined) segments.set(segment, [ordinal]);
  else if (ordinals.at(-1) !== ordinal) ordinals.push(ordinal);
}

/** What an error says is wrong with the file at `path`, which errors of this room begin with. Throws it where it is our own mistake. */
export function withoutPath(error: unknown, path: string): string {
  if (error instanceof TypeError || error instanceof ReferenceError) throw error;
  const message = error instanceof Error ? error.message : String(error);
  return message.startsWith(path) ? message.slice(path.length).replace(/^[:, ]+/, "") : message;
}
