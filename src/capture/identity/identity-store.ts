import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../../base/in-transaction.ts";
import { requireWritable } from "../../base/require-writable.ts";
import { type Seal, SealBroken } from "../../base/seal.ts";
import { learnedKeySchema, learnedPrincipalSchema } from "./learned-entry.ts";
import type { LearnedEntry } from "./learned-identities.ts";

/** The file of learned identities holds what OpenTrail did not write. `path` names it. */
export class IdentityStoreCorrupt extends Error {
  override name = "IdentityStoreCorrupt";
  readonly path: string;

  constructor(path: string, what: string, options?: ErrorOptions) {
    super(
      `${path}: ${what}. Restore it from a backup together with its key file, or move it away to begin without learned identities`,
      options,
    );
    this.path = path;
  }
}

const VERSION = 1;
/** SQLite's own codes: SQLITE_CORRUPT, SQLITE_NOTADB. */
const CORRUPT_CODES: ReadonlySet<unknown> = new Set([11, 26]);

/**
 * Learned identities at rest: one SQLite file, one row an entry, each row sealed as a whole and bound to its key. One process
 * holds it at a time; a second one fails to open it.
 */
export class IdentityStore {
  readonly #path: string;
  readonly #seal: Seal;
  readonly #database: DatabaseSync;

  /** Throws `IdentityStoreCorrupt`, and SQLite's errors for a file that cannot be opened or is in use. */
  constructor(path: string, seal: Seal) {
    this.#path = path;
    this.#seal = seal;
    mkdirSync(dirname(path), { recursive: true });
    // SQLite makes its files after the umask; what it finds keeps its mode, and its log takes that over.
    closeSync(openSync(path, "a", 0o600));
    this.#database = new DatabaseSync(path);
    try {
      this.#guard(() => this.#prepare());
      requireWritable(this.#database, path);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Every entry, in the order in which they were learned. Throws `IdentityStoreCorrupt`. */
  load(): readonly LearnedEntry[] {
    return this.#guard(() => {
      const rows = this.#database.prepare("SELECT kind, id, sealed FROM entry").all();
      return rows.map((row) => this.#open(row)).sort((a, b) => learnedAt(a) - learnedAt(b));
    });
  }

  /** All or none; durable when it returns. */
  write(entries: readonly LearnedEntry[]): void {
    inTransaction(this.#database, () => {
      const put = this.#database.prepare("INSERT OR REPLACE INTO entry (kind, id, sealed) VALUES (?, ?, ?)");
      const drop = this.#database.prepare("DELETE FROM entry WHERE kind = ? AND id = ?");
      for (const { kind, id, value } of entries) {
        if (value === undefined) drop.run(kind, id);
        else put.run(kind, id, this.#seal.close(Buffer.from(JSON.stringify(value)), placeOf(kind, id)));
      }
    });
  }

  close(): void {
    this.#database.close();
  }

  #prepare(): void {
    this.#database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
    `);
    const version = this.#database.prepare("PRAGMA user_version").get()?.["user_version"];
    if (version !== 0 && version !== VERSION) {
      throw new IdentityStoreCorrupt(this.#path, `format ${String(version)} is not one that this version of OpenTrail reads`);
    }
    this.#database.exec(`
      CREATE TABLE IF NOT EXISTS entry (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (kind, id)
      ) STRICT, WITHOUT ROWID;
    `);
    // Not every time: it is a write, which a full disk refuses.
    if (version === 0) this.#database.exec(`PRAGMA user_version = ${VERSION}`);
  }

  #open(row: Readonly<Record<string, unknown>>): LearnedEntry {
    const { kind, id, sealed } = row;
    if (typeof id !== "string" || !(sealed instanceof Uint8Array)) throw this.#corrupt("a row is not of its type");
    if (kind !== "key" && kind !== "user" && kind !== "role") throw this.#corrupt("a row is of no known kind");
    try {
      const value: unknown = JSON.parse(Buffer.from(this.#seal.open(sealed, placeOf(kind, id))).toString("utf8"));
      return kind === "key"
        ? { kind, id, value: learnedKeySchema.parse(value) }
        : { kind, id, value: learnedPrincipalSchema.parse(value) };
    } catch (error) {
      // The cause of anything else could quote the row.
      if (error instanceof SealBroken) throw this.#corrupt(`the row of ${kind} "${id}" was ${error.message}`, error);
      throw this.#corrupt(`the row of ${kind} "${id}" is not of its form`);
    }
  }

  #corrupt(what: string, cause?: unknown): IdentityStoreCorrupt {
    return new IdentityStoreCorrupt(this.#path, what, cause === undefined ? undefined : { cause });
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (error instanceof Error && "errcode" in error && CORRUPT_CODES.has(error.errcode)) {
        throw this.#corrupt(`SQLite says: ${error.message}`, error);
      }
      throw error;
    }
  }
}

function placeOf(kind: LearnedEntry["kind"], id: string): string {
  return `${kind}\n${id}`;
}

function learnedAt(entry: LearnedEntry): number {
  return entry.value?.learnedAt ?? 0;
}
