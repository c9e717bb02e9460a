import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../../../base/in-transaction.ts";
import type { ChainState, DigestChain, DigestTarget } from "./digest-chain.ts";
import type { DigestLink } from "./digest-document.ts";

/** A digest that is signed and stored, and not delivered yet. */
export interface PendingDigest {
  readonly id: number;
  readonly chainId: number;
  readonly trailId: string;
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
  /** Compressed. */
  readonly body: Uint8Array;
  readonly signature: string;
  /** When a backfill digest was made, as its metadata say; undefined for the others. */
  readonly backfilledAt: string | undefined;
  readonly target: DigestTarget;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** Digests of one chain for one bucket, which go out one after the other. */
export interface DigestQueue {
  readonly chainId: number;
  readonly bucket: string;
}

/** Chains and the digests that are on their way, in the database of delivery. Every method stands within its caller's transaction. */
export class DigestState {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(`
      CREATE TABLE IF NOT EXISTS digest_chains (
        id INTEGER PRIMARY KEY AUTOINCREMENT, trail TEXT NOT NULL, trail_arn TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
        state TEXT NOT NULL, started_at INTEGER NOT NULL, target TEXT NOT NULL, anchor INTEGER NOT NULL, begins INTEGER NOT NULL, last_end INTEGER NOT NULL,
        begun INTEGER NOT NULL, previous TEXT, previous_backfill TEXT
      ) STRICT;
      CREATE UNIQUE INDEX IF NOT EXISTS digest_chains_live ON digest_chains (trail_arn, account, region) WHERE state NOT IN ('closed', 'ended');
      CREATE INDEX IF NOT EXISTS digest_chains_family ON digest_chains (trail_arn, account, region, last_end);
      CREATE TABLE IF NOT EXISTS digests (
        id INTEGER PRIMARY KEY AUTOINCREMENT, chain INTEGER NOT NULL, trail TEXT NOT NULL, region TEXT NOT NULL, bucket TEXT NOT NULL,
        key TEXT NOT NULL, body BLOB NOT NULL, signature TEXT NOT NULL, backfilled_at TEXT, target TEXT NOT NULL, created_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX IF NOT EXISTS digests_queue ON digests (chain, bucket, id);
    `);
  }

  /** Runs `change` in a transaction of its own. */
  commit<Result>(change: () => Result): Result {
    return inTransaction(this.#database, change);
  }

  /** Of those of a trail, or of one account and Region of it, the one that was made last. */
  newest(trailArn: string, account?: string, region?: string): DigestChain | undefined {
    const row = this.#database
      .prepare(
        `SELECT * FROM digest_chains WHERE trail_arn = ?1 AND account = coalesce(?2, account) AND region = coalesce(?3, region)
         ORDER BY id DESC LIMIT 1`,
      )
      .get(trailArn, account ?? null, region ?? null);
    return row === undefined ? undefined : chainOf(row);
  }

  /** The trail delivers without validation from now on. */
  end(trailArn: string): void {
    this.#database.prepare("UPDATE digest_chains SET state = 'ended' WHERE trail_arn = ? AND state = 'closed'").run(trailArn);
  }

  /** Chains that are not closed, in the order of their making. */
  live(): readonly DigestChain[] {
    return this.#database
      .prepare("SELECT * FROM digest_chains WHERE state NOT IN ('closed', 'ended') ORDER BY id")
      .all()
      .map((row) => chainOf(row));
  }

  /** Undefined where it is closed. */
  liveChain(id: number): DigestChain | undefined {
    const row = this.#database.prepare("SELECT * FROM digest_chains WHERE id = ? AND state NOT IN ('closed', 'ended')").get(id);
    return row === undefined ? undefined : chainOf(row);
  }

  /** End of the newest digest that ever was made under these names; undefined: none. */
  lastEnd(trailArn: string, account: string, region: string): number | undefined {
    const row = this.#database
      .prepare("SELECT max(last_end) AS last FROM digest_chains WHERE trail_arn = ? AND account = ? AND region = ?")
      .get(trailArn, account, region);
    return typeof row?.["last"] === "number" ? row["last"] : undefined;
  }

  /** Whether this start of logging has had a chain. */
  knows(trailId: string, startedAt: number): boolean {
    return (
      this.#database.prepare("SELECT 1 FROM digest_chains WHERE trail = ? AND started_at = ?").get(trailId, startedAt) !==
      undefined
    );
  }

  addChain(chain: Omit<DigestChain, "id" | "begun" | "previous" | "previousBackfill">): void {
    const { trailId, trailArn, account, region, state, startedAt, target, anchor, begins, lastEnd } = chain;
    this.#database
      .prepare(
        `INSERT INTO digest_chains (trail, trail_arn, account, region, state, started_at, target, anchor, begins, last_end, begun)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
      )
      .run(trailId, trailArn, account, region, state, startedAt, JSON.stringify(target), anchor, begins, lastEnd);
  }

  setState(chain: DigestChain, state: ChainState): void {
    this.#database.prepare("UPDATE digest_chains SET state = ? WHERE id = ?").run(state, chain.id);
  }

  setTarget(chain: DigestChain, target: DigestTarget): void {
    this.#database.prepare("UPDATE digest_chains SET target = ? WHERE id = ?").run(JSON.stringify(target), chain.id);
  }

  /** The chain goes on from this digest. */
  advance(chain: DigestChain, end: number, link: DigestLink, backfill: boolean, closed: boolean): void {
    const column = backfill ? "previous_backfill" : "previous";
    this.#database
      .prepare(`UPDATE digest_chains SET last_end = ?, begun = 1, ${column} = ?, state = ? WHERE id = ?`)
      .run(end, JSON.stringify(link), closed ? closedAs(chain) : chain.state, chain.id);
  }

  /** Its id. */
  addDigest(digest: Omit<PendingDigest, "id">): number {
    const { chainId, trailId, region, bucket, key, body, signature, backfilledAt, target, createdAt } = digest;
    const { lastInsertRowid } = this.#database
      .prepare(
        `INSERT INTO digests (chain, trail, region, bucket, key, body, signature, backfilled_at, target, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(chainId, trailId, region, bucket, key, body, signature, backfilledAt ?? null, JSON.stringify(target), createdAt);
    return Number(lastInsertRowid);
  }

  queues(): readonly DigestQueue[] {
    return this.#database
      .prepare("SELECT DISTINCT chain, bucket FROM digests ORDER BY chain, bucket")
      .all()
      .map((row) => ({ chainId: Number(row["chain"]), bucket: String(row["bucket"]) }));
  }

  /** The oldest digest of a queue. */
  next({ chainId, bucket }: DigestQueue): PendingDigest | undefined {
    const row = this.#database
      .prepare("SELECT * FROM digests WHERE chain = ? AND bucket = ? ORDER BY id LIMIT 1")
      .get(chainId, bucket);
    if (row === undefined) return undefined;
    return {
      id: Number(row["id"]),
      chainId,
      trailId: String(row["trail"]),
      region: String(row["region"]),
      bucket,
      key: String(row["key"]),
      body: row["body"] as Uint8Array,
      signature: String(row["signature"]),
      backfilledAt: typeof row["backfilled_at"] === "string" ? row["backfilled_at"] : undefined,
      target: JSON.parse(String(row["target"])) as DigestTarget,
      createdAt: Number(row["created_at"]),
    };
  }

  removeDigest(id: number): void {
    this.#database.prepare("DELETE FROM digests WHERE id = ?").run(id);
  }

  pending(): number {
    return Number(this.#database.prepare("SELECT count(*) AS count FROM digests").get()?.["count"]);
  }
}

function closedAs({ state }: DigestChain): ChainState {
  return state === "ending" ? "ended" : "closed";
}

function chainOf(row: Readonly<Record<string, unknown>>): DigestChain {
  return {
    id: Number(row["id"]),
    trailId: String(row["trail"]),
    trailArn: String(row["trail_arn"]),
    account: String(row["account"]),
    region: String(row["region"]),
    state: row["state"] as ChainState,
    startedAt: Number(row["started_at"]),
    target: JSON.parse(String(row["target"])) as DigestTarget,
    anchor: Number(row["anchor"]),
    begins: Number(row["begins"]),
    lastEnd: Number(row["last_end"]),
    begun: row["begun"] === 1,
    previous: linkOf(row["previous"]),
    previousBackfill: linkOf(row["previous_backfill"]),
  };
}

function linkOf(text: unknown): DigestLink | undefined {
  return typeof text === "string" ? (JSON.parse(text) as DigestLink) : undefined;
}
