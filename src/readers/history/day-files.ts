import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { syncDirectory } from "../../base/sync-directory.ts";
import { bytesOnDisk, DayFile } from "./day-file.ts";
import { OPEN_DAYS, SECONDS_PER_DAY } from "./limits.ts";

const NAME = /^(\d{4}-\d\d-\d\d)\.db$/;

/** The day files of a directory, opened when needed. */
export class DayFiles {
  readonly #directory: string;
  readonly #present = new Set<number>();
  readonly #open = new Map<number, DayFile>();
  /** Of closed files that have been open. */
  readonly #events = new Map<number, number>();

  /** `directory` must exist. */
  constructor(directory: string) {
    this.#directory = directory;
    for (const name of readdirSync(directory)) {
      const date = NAME.exec(name)?.[1];
      if (date !== undefined) this.#present.add(Date.parse(`${date}T00:00:00Z`) / 1000 / SECONDS_PER_DAY);
      // What SQLite kept beside a day that was removed while the program ended.
      else if (/\.db-(wal|shm|journal)$/.test(name) && !existsSync(join(directory, name.replace(/-[a-z]+$/, "")))) {
        rmSync(join(directory, name));
      }
    }
  }

  get days(): readonly number[] {
    return [...this.#present];
  }

  get bytes(): number {
    return this.days.reduce((sum, day) => sum + bytesOnDisk(this.#path(day)), 0);
  }

  /** Undefined where the day has no file. Stays usable until the next call. */
  get(day: number): DayFile | undefined {
    return this.#present.has(day) ? this.getOrCreate(day) : undefined;
  }

  getOrCreate(day: number): DayFile {
    const open = this.#open.get(day);
    if (open !== undefined) {
      this.#open.delete(day);
      this.#open.set(day, open);
      return open;
    }
    const file = new DayFile(this.#path(day));
    if (!this.#present.has(day)) syncDirectory(this.#directory);
    this.#present.add(day);
    this.#open.set(day, file);
    for (const [oldest, idle] of this.#open) {
      if (this.#open.size <= OPEN_DAYS) break;
      if (idle.writing) continue;
      this.#events.set(oldest, idle.events);
      idle.close();
      this.#open.delete(oldest);
    }
    return file;
  }

  eventsOf(day: number): number {
    return this.#open.get(day)?.events ?? this.#events.get(day) ?? this.get(day)?.events ?? 0;
  }

  /** Gives back the room that the logs of days before `day` take. */
  settleBefore(day: number): void {
    for (const [other, file] of this.#open) if (other < day) file.settle();
  }

  /** Removes a day for good. The database goes first: what is left over without it is cleared at the next start. */
  drop(day: number): void {
    this.#open.get(day)?.close();
    this.#open.delete(day);
    this.#events.delete(day);
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(this.#path(day) + suffix, { force: true });
    this.#present.delete(day);
  }

  close(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }

  #path(day: number): string {
    return join(this.#directory, `${dateOf(day)}.db`);
  }
}

/** `2026-03-02` of days since the epoch. */
export function dateOf(day: number): string {
  return new Date(day * SECONDS_PER_DAY * 1000).toISOString().slice(0, 10);
}
