import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { type DiskSpace, diskSpace } from "./disk-space.ts";

/** `low`: time to do something about it. `critical`: soon nothing can be recorded. */
export type DiskLevel = "ok" | "low" | "critical";

export interface DiskState extends DiskSpace {
  readonly level: DiskLevel;
  /** At the rate of the last minutes; undefined while it is not filling, or not known yet. */
  readonly secondsUntilFull: number | undefined;
  /** For people; undefined at level `ok`. */
  readonly warning: string | undefined;
}

export interface DiskGuardOptions {
  /** The data directory. */
  readonly path: string;
  /** Octets below which to warn; by default a tenth of the disk, 2 GiB at most. */
  readonly warnFreeBytes?: number | undefined;
  /** Octets below which to warn again; by default a fortieth of the disk, 512 MiB at most. */
  readonly criticalFreeBytes?: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Between two looks; default 10,000. */
  readonly intervalMilliseconds?: number;
  /** Default: `statfs`. */
  readonly read?: (path: string) => Promise<DiskSpace>;
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const LEVELS: readonly DiskLevel[] = ["ok", "low", "critical"];
/** What must be free beyond a threshold before a warning is taken back, so that a disk at the edge does not fill the log. */
const RELIEF = 1.1;
/** How far back the rate goes, and how much of that there must be, in milliseconds. */
const RATE_WINDOW = { most: 600_000, least: 30_000 };

/** Watches the free space of the data directory, and says so before the disk is full: once at each level, and when it is over. */
export class DiskGuard {
  readonly #options: DiskGuardOptions;
  readonly #read: (path: string) => Promise<DiskSpace>;
  #samples: { readonly at: number; readonly freeBytes: number }[] = [];
  #level: DiskLevel = "ok";
  #failing = false;
  #looking: Promise<DiskState> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DiskGuardOptions) {
    this.#options = Object.freeze({ ...options });
    this.#read = options.read ?? diskSpace;
  }

  /** Begins to look by itself. */
  start(): void {
    this.#timer ??= setInterval(() => this.look(), this.#options.intervalMilliseconds ?? 10_000).unref();
    this.look();
  }

  /** A look in passing; what cannot be read is logged once. */
  look(): void {
    this.state().then(
      () => (this.#failing = false),
      (error: unknown) => {
        const { logger, path } = this.#options;
        if (!this.#failing) logger.warn({ err: error, path }, "disk: free space cannot be read");
        this.#failing = true;
      },
    );
  }

  /** Looks now; callers at the same time share a look. Rejects with the file system's error. */
  async state(): Promise<DiskState> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return await this.#looking;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking?.catch(() => {});
  }

  async #look(): Promise<DiskState> {
    const space = await this.#read(this.#options.path);
    const level = this.#levelOf(space);
    const secondsUntilFull = this.#secondsUntilFull(space.freeBytes);
    const warning = level === "ok" ? undefined : describe(space, level, secondsUntilFull);
    if (level !== this.#level) this.#report(level, space, warning);
    return { ...space, level, secondsUntilFull, warning };
  }

  #levelOf({ freeBytes, totalBytes }: DiskSpace): DiskLevel {
    // A file system without figures.
    if (totalBytes === 0) return "ok";
    const { warnFreeBytes = Math.min(totalBytes / 10, 2 * GIB) } = this.#options;
    const { criticalFreeBytes = Math.min(totalBytes / 40, 512 * MIB, warnFreeBytes) } = this.#options;
    const below = (threshold: number, level: DiskLevel): boolean =>
      freeBytes < threshold * (LEVELS.indexOf(this.#level) >= LEVELS.indexOf(level) ? RELIEF : 1);
    if (below(criticalFreeBytes, "critical")) return "critical";
    return below(warnFreeBytes, "low") ? "low" : "ok";
  }

  #secondsUntilFull(freeBytes: number): number | undefined {
    const at = this.#options.clock.now();
    // A clock that was set back makes nonsense of what is older.
    this.#samples = this.#samples.filter((sample) => at - sample.at <= RATE_WINDOW.most && sample.at <= at);
    const [oldest] = this.#samples;
    const newest = this.#samples.at(-1);
    // Whoever asks more often than the timer looks must not make the list long.
    if (newest === undefined || at - newest.at >= 5_000) this.#samples.push({ at, freeBytes });
    if (oldest === undefined || at - oldest.at < RATE_WINDOW.least || oldest.freeBytes <= freeBytes) return undefined;
    return Math.round((freeBytes * (at - oldest.at)) / (oldest.freeBytes - freeBytes) / 1000);
  }

  #report(level: DiskLevel, { freeBytes, totalBytes, path }: DiskSpace, warning: string | undefined): void {
    const before = this.#level;
    this.#level = level;
    const fields = { path, freeBytes, totalBytes };
    const { logger } = this.#options;
    if (level === "critical") logger.error(fields, `disk: ${warning}`);
    else if (level === "low" && before === "ok") logger.warn(fields, `disk: ${warning}`);
    else
      logger.info(
        fields,
        level === "ok" ? "disk: there is enough space again" : "disk: there is more space, but it is still low",
      );
  }
}

function describe({ path, freeBytes, totalBytes }: DiskSpace, level: DiskLevel, seconds: number | undefined): string {
  const free = `${mebibytes(freeBytes)} of ${mebibytes(totalBytes)} MiB are free where ${path} is`;
  const when = seconds === undefined ? "" : `, which last for about ${duration(seconds)} at the present rate`;
  const what = level === "critical" ? "the disk is all but full" : "the disk is filling up";
  return `${what}: ${free}${when}. Nothing can be recorded once it is full; make room`;
}

function mebibytes(octets: number): string {
  return octets < 100 * MIB ? (octets / MIB).toFixed(1) : Math.round(octets / MIB).toString();
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} hours` : `${Math.round(seconds / 86_400)} days`;
}
