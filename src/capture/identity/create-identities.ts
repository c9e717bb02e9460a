import { join } from "node:path";
import { readKeyFile } from "../../base/key-file.ts";
import type { Logger } from "../../base/logger.ts";
import { Seal } from "../../base/seal.ts";
import type { ApiCall } from "../../event/api-call.ts";
import { IdentityStore } from "./identity-store.ts";
import { KnownIdentities, type KnownIdentitiesOptions } from "./known-identities.ts";
import type { KnownSecrets } from "./known-secrets.ts";
import { type LearnedEntry, LearnedIdentities } from "./learned-identities.ts";
import { lessonOf } from "./lessons/lessons.ts";
import type { FollowedIdentities, IdentityFollower, SharedIdentities } from "./shared-identities.ts";

export interface IdentitiesOptions extends KnownIdentitiesOptions {
  /** `identities.sqlite` is kept here, and `identities.key` unless `keyFile` says otherwise. */
  readonly dataDir: string;
  /** File of the key under which learned identities rest; made where it does not exist. */
  readonly keyFile?: string;
  /** Most entries of each kind (long-term keys, sessions, users, roles) that are kept; default 50,000, some 40 MB of sessions. */
  readonly limit?: number;
  readonly logger: Logger;
}

/** In the data directory; and what the key is used for. */
export const IDENTITIES_FILE = "identities.sqlite";
export const IDENTITIES_KEY_FILE = "identities.key";
export const IDENTITIES_SEAL = "learned identities";

const DEFAULT_LIMIT = 50_000;
/** What was learned is durable this much later; learning within it shares one write. */
const FLUSH_MILLISECONDS = 200;
const RETRY_MILLISECONDS = 5000;
/** Entries in one write: it holds up every request for some 10 ms. More than that waits for the next turn. */
const FLUSH_ENTRIES = 200;
const FLUSH_NEXT_MILLISECONDS = 10;
const SWEEP_MILLISECONDS = 60_000;

/**
 * Opens the identities of a data directory.
 *
 * Throws `KeyFileError` and `IdentityStoreCorrupt`, which name the file, and SQLite's errors where the store is in use.
 */
export function createIdentities(options: IdentitiesOptions): SharedIdentities & KnownSecrets {
  const seal = new Seal(readKeyFile(options.keyFile ?? join(options.dataDir, IDENTITIES_KEY_FILE)), IDENTITIES_SEAL);
  const store = new IdentityStore(join(options.dataDir, IDENTITIES_FILE), seal);
  try {
    return new LearningIdentities(options, store);
  } catch (error) {
    store.close();
    throw error;
  }
}

class LearningIdentities extends KnownIdentities implements SharedIdentities {
  readonly #learned: LearnedIdentities;
  readonly #store: IdentityStore;
  readonly #options: IdentitiesOptions;
  readonly #sweeping: NodeJS.Timeout;
  readonly #followers = new Set<IdentityFollower>();
  /** Changes on their way to followers. */
  readonly #telling = new Set<Promise<unknown>>();
  #sharing: Promise<void> | undefined;
  #flushing: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: IdentitiesOptions, store: IdentityStore) {
    const learned = new LearnedIdentities(options.limit ?? DEFAULT_LIMIT);
    super(options, learned);
    this.#learned = learned;
    this.#options = options;
    this.#store = store;
    for (const entry of store.load()) this.#learned.restore(entry);
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MILLISECONDS).unref();
  }

  /**
   * Resolves when what was learned is stored: AWS shows a secret once, and a process that ends right behind that answer must
   * know the key when it is back.
   */
  learn(call: ApiCall): void | Promise<void> {
    this.#take(call);
    if (this.#learned.hasChanges) return (this.#sharing ??= this.#share());
  }

  #take(call: ApiCall): void {
    const lesson = lessonOf(call);
    const status = call.response?.status ?? 0;
    if (lesson === undefined || call.error !== undefined || status < 200 || status > 299) return;
    const { clock, logger } = this.#options;
    try {
      lesson(call, this.classroom(clock.now()));
    } catch (error) {
      // A bug of ours; the record of the call does not depend on it. The error could quote the answer: only its kind is told.
      const { serviceId, operationName, eventId } = call;
      logger.error(
        { serviceId, operationName, eventId, kind: error instanceof Error ? error.name : "unknown" },
        "learned nothing from a call",
      );
    }
  }

  async teach(call: ApiCall): Promise<void> {
    await this.learn(call);
    await Promise.all(this.#telling);
  }

  follow(follower: IdentityFollower): FollowedIdentities {
    this.#followers.add(follower);
    return { known: this.#learned.entries(), stop: () => this.#followers.delete(follower) };
  }

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    clearInterval(this.#sweeping);
    clearTimeout(this.#flushing);
    return new Promise((resolve) => {
      try {
        while (this.#learned.hasChanges) this.#write();
      } finally {
        this.#store.close();
      }
      resolve();
    });
  }

  #flushSoon(delay = FLUSH_MILLISECONDS): void {
    if (this.#flushing !== undefined || this.#closed || !this.#learned.hasChanges) return;
    this.#flushing = setTimeout(() => {
      this.#flushing = undefined;
      try {
        this.#write();
        this.#flushSoon(FLUSH_NEXT_MILLISECONDS);
      } catch (error) {
        this.#options.logger.error(
          { err: error },
          "learned identities could not be stored; they are kept in memory and tried again",
        );
        this.#flushSoon(RETRY_MILLISECONDS);
      }
    }, delay).unref();
  }

  #write(): void {
    this.#learned.takeChanges(FLUSH_ENTRIES, (entries) => {
      try {
        this.#store.write(entries);
      } finally {
        // What could not be stored is known all the same, here and to everybody else.
        this.#tell(entries);
      }
    });
  }

  #tell(entries: readonly LearnedEntry[]): void {
    for (const follower of this.#followers) {
      const telling = follower(entries).catch(() => {});
      this.#telling.add(telling);
      void telling.then(() => this.#telling.delete(telling));
    }
  }

  /** Stores what has changed, and what other calls teach in the same turn of the event loop. Never rejects. */
  async #share(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#sharing = undefined;
    try {
      while (this.#learned.hasChanges && !this.#closed) this.#write();
    } catch (error) {
      this.#options.logger.error({ err: error }, "learned identities could not be stored; they are tried again");
      this.#flushSoon(RETRY_MILLISECONDS);
    }
  }

  #sweep(): void {
    this.#learned.sweep(this.#options.clock.now(), performance.now());
    this.#flushSoon();
  }
}
