import type { DatabaseSync } from "node:sqlite";
import { setImmediate as othersTurn } from "node:timers/promises";
import type { TrailStore } from "../../../account/trails/trail-store.ts";
import type { Trail } from "../../../account/trails/trail.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import { pause, systemTimers, type Timers } from "../../../base/timers.ts";
import type { DestinationClients } from "../destination-clients.ts";
import type { PutSettings } from "../put-log-file.ts";
import type { TrailOutcomes } from "../trail-outcomes.ts";
import type { DeliveredFiles } from "./delivered-files.ts";
import type { DigestChain } from "./digest-chain.ts";
import { DigestFollower } from "./digest-follower.ts";
import { DigestPlanner } from "./digest-planner.ts";
import { DigestState } from "./digest-state.ts";
import { DigestUploader } from "./digest-uploader.ts";
import { type DueDigest, dueDigest } from "./due-digest.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { SteadyClock } from "./steady-clock.ts";

export interface DigesterOptions {
  /** Of delivery. Transactions MUST NOT be left open over an await. */
  readonly database: DatabaseSync;
  readonly trails: Pick<TrailStore, "all" | "onChange">;
  readonly files: DeliveredFiles;
  readonly outcomes: Pick<TrailOutcomes, "succeeded" | "failed">;
  readonly keys: Pick<SigningKeys, "signer" | "noteSigned">;
  readonly destinations: Pick<DestinationClients, "s3">;
  readonly settings: PutSettings;
  /** Of an organization trail, for its keys. */
  readonly organizationId: (trail: Trail) => string | undefined;
  /** Whether every log file that this trail, stopped or gone, will ever have is delivered or given up. */
  readonly isDrained: (trailId: string) => boolean;
  /** `delivery.digestMinutes` */
  readonly digestMinutes: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: the system's. */
  readonly timers?: Timers;
  /** Log files in one digest. Default: 20,000. */
  readonly maxFiles?: number;
}

/** Digest files: signed proof of which log files were delivered, for every trail with validation. */
export interface Digester {
  /** Stores what is due and has it sent; resolves when nothing more is due, not when all is sent. Runs by itself, too. */
  look(): Promise<void>;
  /** Digests that are stored and not delivered. */
  pending(): number;
  close(): Promise<void>;
}

/** Between looks, at most: a clock that is set, a file of a new Region. Changes of trails are looked at as they come. */
const LOOK_EVERY = 15_000;
/** So long the clock must have gone evenly before it is believed that windows were missed. */
const STEADY_SECONDS = 600;

export function createDigester(options: DigesterOptions): Digester {
  return new RunningDigester(options);
}

class RunningDigester implements Digester {
  readonly #options: DigesterOptions;
  readonly #windowSeconds: number;
  readonly #state: DigestState;
  readonly #files: DeliveredFiles;
  readonly #follower: DigestFollower;
  readonly #planner: DigestPlanner;
  readonly #uploader: DigestUploader;
  readonly #steady: SteadyClock;
  readonly #timers: Timers;
  readonly #stop = new AbortController();
  readonly #unfollow: () => void;
  readonly #rounds: Promise<void>;
  /** By chain: when its last digest was stored, by the clock that nobody sets. */
  readonly #stored = new Map<number, number>();
  #wake = new AbortController();
  #looking: Promise<void> = Promise.resolve();

  constructor(options: DigesterOptions) {
    this.#options = options;
    const { database, trails, keys, destinations, organizationId, outcomes, clock, logger, maxFiles } = options;
    this.#windowSeconds = options.digestMinutes * 60;
    this.#files = options.files;
    const [state, files] = [new DigestState(database), this.#files];
    this.#state = state;
    this.#timers = options.timers ?? systemTimers;
    this.#follower = new DigestFollower({ state, files, organizationId, windowSeconds: this.#windowSeconds });
    const limit = maxFiles === undefined ? {} : { maxFiles };
    this.#planner = new DigestPlanner({ state, files, keys, windowSeconds: this.#windowSeconds, ...limit });
    const { settings } = options;
    const upload = { state, files, outcomes, destinations, settings, clock, logger, timers: this.#timers };
    this.#uploader = new DigestUploader(upload);
    this.#steady = new SteadyClock(clock, this.#timers);
    this.#unfollow = trails.onChange(() => this.#wake.abort());
    this.#rounds = this.#run();
  }

  look(): Promise<void> {
    this.#looking = this.#looking.catch(() => {}).then(async () => await this.#look());
    return this.#looking;
  }

  pending(): number {
    return this.#state.pending();
  }

  async close(): Promise<void> {
    this.#unfollow();
    this.#stop.abort();
    this.#wake.abort();
    await this.#rounds;
    await this.#looking.catch(() => {});
    await this.#uploader.close();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.look();
      } catch (err) {
        // The database may be full for a while; what is due stays due.
        this.#options.logger.error({ err }, "digests: could not be made; will be tried again");
        await pause(this.#timers, 1000, this.#stop.signal);
        continue;
      }
      if (!this.#wake.signal.aborted) await pause(this.#timers, this.#untilNext(), this.#wake.signal);
      if (this.#wake.signal.aborted && !this.#stop.signal.aborted) this.#wake = new AbortController();
    }
  }

  async #look(): Promise<void> {
    this.#steady.look();
    let again = true;
    while (again && !this.#stop.signal.aborted) {
      const upTo = this.#files.newestId();
      const trails = await this.#options.trails.all();
      this.#follower.follow(trails, upTo, this.#options.clock.now());
      again = false;
      for (const { id } of this.#state.live()) again = (await this.#bringUp(id)) || again;
    }
    if (!this.#stop.signal.aborted) this.#uploader.start();
  }

  /** Stores all that is due in one chain. True where the chain was closed: another may have waited for that. */
  async #bringUp(id: number): Promise<boolean> {
    while (!this.#stop.signal.aborted) {
      const chain = this.#state.liveChain(id);
      if (chain === undefined) {
        this.#stored.delete(id);
        return true;
      }
      if (this.#due(chain) === undefined) return false;
      const signer = await this.#options.keys.signer(chain.region);
      // Time has passed: files may have come.
      const due = this.#due(chain);
      if (due === undefined) return false;
      this.#planner.store(chain, due, signer, this.#options.clock.now());
      this.#stored.set(id, this.#steady.now());
      await othersTurn();
    }
    return false;
  }

  #due(chain: DigestChain): DueDigest | undefined {
    return dueDigest(chain, {
      now: Math.floor(this.#options.clock.now() / 1000),
      windowSeconds: this.#windowSeconds,
      drained: chain.state === "closing" && this.#options.isDrained(chain.trailId),
      steady: this.#steady.evenFor() >= Math.min(STEADY_SECONDS, this.#windowSeconds),
      secondsWithout: this.#steady.now() - (this.#stored.get(chain.id) ?? this.#steady.begun),
    });
  }

  /** Milliseconds until something may be due. */
  #untilNext(): number {
    const now = this.#options.clock.now();
    let next = LOOK_EVERY;
    for (const { anchor, lastEnd, state } of this.#state.live()) {
      // The last digest of a trail that stopped waits for the last of its files.
      if (state === "closing") next = Math.min(next, 1000);
      const windows = Math.floor((lastEnd - anchor) / this.#windowSeconds) + 1;
      next = Math.min(next, Math.max(0, (anchor + windows * this.#windowSeconds) * 1000 - now));
    }
    return Math.max(next, 50);
  }
}
