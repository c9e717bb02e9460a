import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import { inTransaction } from "../../../../base/in-transaction.ts";
import { requireWritable } from "../../../../base/require-writable.ts";
import type { Trail } from "../../trail.ts";
import {
  type ChangePlace,
  REQUEST_SEARCH_POSITIONS,
  TrailExists,
  type TrailKey,
  type TrailRevision,
  type TrailStore,
} from "../../trail-store.ts";
import { prepareTrailFile } from "./prepare-trail-file.ts";

/**
 * Opens the trails in one SQLite file, made where it is not there. Settings stand as JSON: they are read whole, and a later
 * version may add some. The file has one writer, so what it holds is kept in memory as well, and answered from there.
 */
export function openTrailStore(path: string): TrailStore {
  return new SqliteTrailStore(path);
}

/** A revision, and its row. */
interface Row {
  readonly sequence: number;
  readonly revision: TrailRevision;
}

class SqliteTrailStore implements TrailStore {
  readonly #database: DatabaseSync;
  readonly #trails = new Map<string, Trail>();
  readonly #listeners = new Set<() => void>();
  #rows: readonly Row[] = [];
  #revisions: readonly TrailRevision[] | undefined;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    // SQLite makes its files after the umask; what it finds keeps its mode, and its log takes that over.
    closeSync(openSync(path, "a", 0o600));
    this.#database = new DatabaseSync(path);
    try {
      prepareTrailFile(this.#database, path);
      requireWritable(this.#database, path);
      for (const { settings } of this.#database.prepare("SELECT settings FROM trails").all()) {
        const trail = read(settings);
        this.#trails.set(textOf(trail), trail);
      }
      this.#rows = this.#database
        .prepare("SELECT * FROM revisions ORDER BY sequence")
        .all()
        .map(({ sequence, after, request, removed, settings }) => ({
          sequence: Number(sequence),
          revision: { trail: read(settings), after: Number(after), requestId: String(request), removed: Number(removed) === 1 },
        }));
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  async list(accountId: string): Promise<readonly Trail[]> {
    return this.#list(accountId);
  }

  async all(): Promise<readonly Trail[]> {
    return [...this.#trails.values()];
  }

  async get(key: TrailKey): Promise<Trail | undefined> {
    return this.#trails.get(textOf(key));
  }

  async add(trail: Trail, place: ChangePlace, permit: (existing: readonly Trail[]) => void): Promise<void> {
    permit(this.#list(trail.accountId));
    if (this.#trails.has(textOf(trail))) throw new TrailExists(`trail ${trail.name} is there already`);
    this.#store(trail, place, false);
  }

  async update(
    key: TrailKey,
    place: ChangePlace,
    change: (trail: Trail, others: readonly Trail[]) => Trail,
  ): Promise<Trail | undefined> {
    const trail = this.#trails.get(textOf(key));
    if (trail === undefined) return undefined;
    const others = this.#list(key.accountId).filter((other) => other !== trail);
    const changed = read(JSON.stringify(change(trail, others)));
    if (changed.id !== trail.id || changed.arn !== trail.arn || textOf(changed) !== textOf(trail))
      throw new Error(`a change of trail ${trail.arn} must leave its key, id and ARN alone`);
    if (isDeepStrictEqual(changed, trail)) return trail;
    this.#store(changed, place, false);
    return changed;
  }

  async remove(key: TrailKey, place: ChangePlace): Promise<boolean> {
    const trail = this.#trails.get(textOf(key));
    if (trail === undefined) return false;
    this.#store(trail, place, true);
    return true;
  }

  revisions(): readonly TrailRevision[] {
    this.#revisions ??= Object.freeze(this.#rows.map(({ revision }) => revision));
    return this.#revisions;
  }

  async forget(id: string, position: number): Promise<void> {
    const own = this.#rows.filter(({ revision }) => revision.trail.id === id);
    const last = own.at(-1)?.revision;
    const gone = new Set(
      last?.removed === true && last.after <= position
        ? own
        : own.filter((_, at) => {
            const next = own[at + 1]?.revision;
            return next !== undefined && next.after + REQUEST_SEARCH_POSITIONS <= position;
          }),
    );
    if (gone.size === 0) return;
    this.#transact(() => {
      const drop = this.#database.prepare("DELETE FROM revisions WHERE sequence = ?");
      for (const { sequence } of gone) drop.run(sequence);
    });
    this.#setRows(this.#rows.filter((row) => !gone.has(row)));
  }

  onChange(listener: () => void): () => void {
    // The same function may be given twice: each is its own.
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #list(accountId: string): readonly Trail[] {
    return [...this.#trails.values()].filter((trail) => trail.accountId === accountId).toSorted(byPlace);
  }

  /** The trail as it is from now on, and its revision. Memory follows when both are durable. */
  #store(given: Trail, { after, requestId }: ChangePlace, removed: boolean): void {
    const trail = read(JSON.stringify(given));
    // Readers rely on the order: a revision never holds from before the one that it follows.
    const earliest = this.#rows.findLast(({ revision }) => revision.trail.id === trail.id)?.revision.after ?? 0;
    const revision: TrailRevision = { trail, after: Math.max(after, earliest), requestId, removed };
    const settings = JSON.stringify(trail);
    const { accountId, homeRegion, name } = trail;
    const sequence = this.#transact(() => {
      if (removed) {
        this.#database
          .prepare("DELETE FROM trails WHERE account = ? AND home_region = ? AND name = ?")
          .run(accountId, homeRegion, name);
      } else {
        this.#database
          .prepare(
            "INSERT INTO trails VALUES (?, ?, ?, ?) ON CONFLICT (account, home_region, name) DO UPDATE SET settings = excluded.settings",
          )
          .run(accountId, homeRegion, name, settings);
      }
      const { lastInsertRowid } = this.#database
        .prepare("INSERT INTO revisions (trail, after, request, removed, settings) VALUES (?, ?, ?, ?, ?)")
        .run(trail.id, revision.after, requestId, removed ? 1 : 0, settings);
      return Number(lastInsertRowid);
    });
    if (removed) this.#trails.delete(textOf(trail));
    else this.#trails.set(textOf(trail), trail);
    this.#setRows([...this.#rows, { sequence, revision }]);
    for (const listener of this.#listeners) listener();
  }

  #setRows(rows: readonly Row[]): void {
    this.#rows = rows;
    this.#revisions = undefined;
  }

  #transact<T>(work: () => T): T {
    return inTransaction(this.#database, work);
  }
}

/** Neither part can hold a slash. */
function textOf({ accountId, homeRegion, name }: TrailKey): string {
  return `${accountId}/${homeRegion}/${name}`;
}

function byPlace(one: Trail, other: Trail): number {
  if (one.homeRegion !== other.homeRegion) return one.homeRegion < other.homeRegion ? -1 : 1;
  return one.name < other.name ? -1 : 1;
}

/** Its rows were Trails when they were written. */
function read(settings: unknown): Trail {
  return JSON.parse(String(settings)) as Trail;
}
