import type { DayFile } from "./day-file.ts";
import type { EventBytes } from "./frame.ts";
import { HistoryCorrupt } from "./history.ts";
import { Recent } from "./recent.ts";
import type { Columns } from "./segment.ts";

/** Unpacked frames to keep, in octets, and unpacked columns, in segments (16 KB each). */
const FRAME_OCTETS = 16 * 1024 * 1024;
const COLUMN_SEGMENTS = 512;

/** What was unpacked lately: the next page of a query mostly lies where the last one did. */
export class SegmentCache {
  readonly #columns = new Recent<string, Columns>(COLUMN_SEGMENTS);
  readonly #frames = new Recent<string, readonly EventBytes[]>(FRAME_OCTETS);

  columns(file: DayFile, segment: number): Columns {
    const key = `${file.id}/${segment}`;
    const known = this.#columns.get(key);
    if (known !== undefined) return known;
    const columns = file.columns(segment);
    this.#columns.set(key, columns, 1);
    return columns;
  }

  event(file: DayFile, segment: number, ordinal: number): EventBytes {
    const { frames } = this.columns(file, segment);
    const at = frames.findLastIndex((first) => first <= ordinal);
    const event = this.#frame(file, segment, at)[ordinal - (frames[at] ?? 0)];
    if (event === undefined) throw new HistoryCorrupt(`${file.path}: segment ${segment} has no event ${ordinal}`);
    return event;
  }

  #frame(file: DayFile, segment: number, frame: number): readonly EventBytes[] {
    const key = `${file.id}/${segment}/${frame}`;
    const known = this.#frames.get(key);
    if (known !== undefined) return known;
    const events = file.frame(segment, frame);
    const octets = events.reduce((sum, event) => sum + event.head.length + event.record.length, 0);
    this.#frames.set(key, events, octets);
    return events;
  }
}
