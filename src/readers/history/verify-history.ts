import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { checkSqlite } from "../../base/check-sqlite.ts";
import { type Finding, RESTORE } from "../../base/finding.ts";
import type { Position } from "../../journal/journal.ts";
import type { BufferedEvent } from "./segment.ts";
import { DayFile } from "./day-file.ts";
import { DayFileCheck, withoutPath } from "./day-file-check.ts";
import { whatIsWrong } from "./event-check.ts";
import { SECONDS_PER_DAY } from "./limits.ts";
import { dayOf, WriteBuffer } from "./write-buffer.ts";

export interface HistoryCheck {
  readonly days: number;
  /** Events that can be read, and those of them that are in no segment yet. */
  readonly events: number;
  readonly buffered: number;
  /** Of the reader; 0 where it has not read anything. */
  readonly position: Position;
  /** Newest position that any day holds. */
  readonly applied: Position;
  readonly findings: readonly Finding[];
}

export interface VerifyHistoryOptions {
  readonly dir: string;
  readonly progress?: (done: number, of: number) => void;
}

/**
 * Reads all of an event history that nobody has open: each database, each segment, each event, and whether every event is
 * found by its attributes. Apart from what opening does (an older format is brought up to date, SQLite's log is emptied) nothing
 * is changed. Never throws for what the files hold.
 */
export async function verifyHistory({ dir, progress }: VerifyHistoryOptions): Promise<HistoryCheck> {
  const findings: Finding[] = [];
  const buffer = checkBuffer(join(dir, "buffer.db"), findings);
  const days = join(dir, "days");
  const paths = existsSync(days)
    ? readdirSync(days)
        .filter((name) => /^\d{4}-\d\d-\d\d\.db$/.test(name))
        .sort()
        .map((name) => join(days, name))
    : [];
  const octets = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  let [events, done] = [0, 0];
  const applied = new Map<number, Position>();
  for (const path of paths) {
    const checked = await checkDay(path, findings);
    events += checked.events;
    applied.set(Date.parse(basename(path, ".db")) / 1000 / SECONDS_PER_DAY, checked.applied);
    done += statSync(path).size;
    progress?.(done, octets);
  }
  // What a segment has already stays in the buffer until its row is free to go.
  const buffered = buffer.events.filter(({ time, position }) => position > (applied.get(dayOf(time)) ?? 0)).length;
  const { position } = buffer;
  return {
    days: paths.length,
    events: events + buffered,
    buffered,
    position,
    applied: Math.max(0, ...applied.values()),
    findings,
  };
}

interface BufferCheck {
  readonly events: readonly BufferedEvent[];
  readonly position: Position;
}

function checkBuffer(path: string, findings: Finding[]): BufferCheck {
  const nothing = { events: [], position: 0 };
  if (!existsSync(path)) return nothing;
  const remedy = `${RESTORE}; or move the folder history away: event history is made again of what the journal still holds`;
  const found = checkSqlite(path);
  findings.push(...found.map((finding) => ({ ...finding, remedy })));
  if (found.length > 0) return nothing;
  let buffer: WriteBuffer | undefined;
  try {
    buffer = new WriteBuffer(path);
    for (const day of buffer.days) {
      for (const { position, head, record } of buffer.of(day)) {
        const what = whatIsWrong(head, record);
        if (what !== undefined) findings.push({ file: path, place: `position ${position}`, what, remedy });
      }
    }
    return { events: buffer.days.flatMap((day) => buffer?.of(day) ?? []), position: buffer.position };
  } catch (error) {
    findings.push({ file: path, what: withoutPath(error, path), remedy });
    return nothing;
  } finally {
    buffer?.close();
  }
}

async function checkDay(path: string, findings: Finding[]): Promise<{ readonly events: number; readonly applied: Position }> {
  const remedy =
    `${RESTORE}, or this file alone; without it, event history goes on and says in its status that the day cannot be read. ` +
    "Moved away, with the file of its name that ends in -wal, the day's events are gone from history";
  const found = checkSqlite(path);
  findings.push(...found.map((finding) => ({ ...finding, remedy })));
  if (found.length > 0) return { events: 0, applied: 0 };
  let file: DayFile | undefined;
  try {
    file = new DayFile(path);
    const check = new DayFileCheck(file);
    for (const { place, what } of check.run()) {
      findings.push({ file: path, place, what, remedy });
      await setImmediate();
    }
    return { events: check.events, applied: file.applied };
  } catch (error) {
    findings.push({ file: path, what: withoutPath(error, path), remedy });
    return { events: 0, applied: 0 };
  } finally {
    file?.close();
  }
}
