import type { Position } from "../../journal.ts";

/*
 * A journal directory:
 *
 *   00000000000000000001.sealed    full and behind: compressed blocks, never written again
 *   00000000000000014210.segment   preallocated, raw blocks; the newest one is being written
 *   next.prepared                  the file that becomes the next segment (zeros and a header)
 *   *.tmp                          unfinished; removed at start
 *   damaged/                       segments that were set aside, and lost.jsonl, which says what went with them
 *   lock                           held by the one process that has the journal open
 *
 * The number is the position of the file's first entry.
 */

/** Preallocated bytes of a segment. Zeroing this much takes tens of milliseconds, and it is the unit of trimming. */
export const SEGMENT_BYTES = 16 * 1024 * 1024;

export const PREPARED_NAME = "next.prepared";
export const LOCK_NAME = "lock";
export const DAMAGED_DIRECTORY = "damaged";

export type SegmentForm = "segment" | "sealed";

export interface SegmentName {
  readonly base: Position;
  readonly form: SegmentForm;
}

const NAME = /^(\d{20})\.(segment|sealed)$/;

export function segmentFileName(base: Position, form: SegmentForm): string {
  return `${String(base).padStart(20, "0")}.${form}`;
}

/** Undefined for files that are no segment. */
export function parseSegmentFileName(name: string): SegmentName | undefined {
  const match = NAME.exec(name);
  const base = Number(match?.[1]);
  if (match === null || !Number.isSafeInteger(base) || base < 1) return undefined;
  return { base, form: match[2] === "sealed" ? "sealed" : "segment" };
}

/** Left by a crash, of no use to anyone. */
export function isUnfinished(name: string): boolean {
  return name === PREPARED_NAME || name.endsWith(".tmp");
}
