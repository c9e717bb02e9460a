import type { DayFile } from "./day-file.ts";
import { unpackFrames, type EventBytes, type PackedFrame } from "./frame.ts";
import { HistoryCorrupt } from "./history.ts";
import { Recent } from "./recent.ts";
import type { Columns } from "./segment.ts";

/** Unpacked frames to keep, in octets, and unpacked columns, in segments (16 KB each). */
const FRAME_OCTETS = 16 * 1024 * 1024;
const COLUMN_SEGMENTS = 512;
/** Dictionaries to keep, of 32 KB: one serves 64 segments. */
const DICTIONARIES = 128;

/** Octets of frames to unpack at once. */
const TOGETHER = 256 * 1024;

export interface WantedEvent {
  readonly file: DayFile;
  readonly segment: number;
  readonly ordinal: number;
}

/** Frames of one file that need the same dictionary. */
interface FrameGroup {
  readonly file: DayFile;
  readonly dictionary: number | undefined;
  readonly keys: string[];
  readonly frames: PackedFrame[];
  octets: number;
}

/** What was unpacked lately: the next page of a query mostly lies where the last one did. */
export class SegmentCache {
  readonly #columns = new Recent<string, Columns>(COLUMN_SEGMENTS);
  readonly #frames = new Recent<string, readonly EventBytes[]>(FRAME_OCTETS);

  readonly #dictionaries = new Recent<string, Uint8Array>(DICTIONARIES);

  columns(file: DayFile, segment: number): Columns {
    const key = `${file.id}/${segment}`;
    const known = this.#columns.get(key);
    if (known !== undefined) return known;
    const columns = file.columns(segment);
    this.#columns.set(key, columns, 1);
    return columns;
  }

  /**
   * Unpacks the frames of these events together, where they are not at hand. Only a matter of speed: what is broken is left
   * to `event`, which says where.
   */
  prefetch(wanted: readonly WantedEvent[]): void {
    const groups = new Map<string, FrameGroup>();
    const seen = new Set<string>();
    try {
      for (const { file, segment, ordinal } of wanted) {
        const frame = this.#frameOf(file, segment, ordinal).at;
        const key = `${file.id}/${segment}/${frame}`;
        if (seen.has(key) || this.#frames.get(key) !== undefined) continue;
        seen.add(key);
        const packed = file.packedFrame(segment, frame);
        if (packed.length > TOGETHER) continue;
        const dictionary = file.dictionaryOf(segment);
        const name = `${file.id}/${dictionary}`;
        let group = groups.get(name);
        if (group !== undefined && group.octets + packed.length > TOGETHER) {
          this.#unpack(group);
          group = undefined;
        }
        if (group === undefined) groups.set(name, (group = { file, dictionary, keys: [], frames: [], octets: 0 }));
        group.keys.push(key);
        group.frames.push(packed);
        group.octets += packed.length;
      }
      for (const group of groups.values()) this.#unpack(group);
    } catch {
      // See above.
    }
  }

  event(file: DayFile, segment: number, ordinal: number): EventBytes {
    const { at, first } = this.#frameOf(file, segment, ordinal);
    const event = this.#frame(file, segment, at)[ordinal - first];
    if (event === undefined) throw new HistoryCorrupt(`${file.path}: segment ${segment} has no event ${ordinal}`);
    return event;
  }

  #frame(file: DayFile, segment: number, frame: number): readonly EventBytes[] {
    const key = `${file.id}/${segment}/${frame}`;
    const known = this.#frames.get(key);
    if (known !== undefined) return known;
    const events = file.frame(segment, frame, this.#dictionary(file, file.dictionaryOf(segment)));
    this.#keep(key, events);
    return events;
  }

  #unpack({ file, dictionary, keys, frames }: FrameGroup): void {
    for (const [at, events] of unpackFrames(frames, this.#dictionary(file, dictionary)).entries())
      this.#keep(keys[at] ?? "", events);
  }

  #keep(key: string, events: readonly EventBytes[]): void {
    const octets = events.reduce((sum, event) => sum + event.head.length + event.record.length, 0);
    this.#frames.set(key, events, octets);
  }

  #frameOf(file: DayFile, segment: number, ordinal: number): { at: number; first: number } {
    const { frames } = this.columns(file, segment);
    const at = frames.findLastIndex((first) => first <= ordinal);
    return { at, first: frames[at] ?? 0 };
  }

  #dictionary(file: DayFile, id: number | undefined): Uint8Array | undefined {
    if (id === undefined) return undefined;
    const key = `${file.id}/${id}`;
    const known = this.#dictionaries.get(key);
    if (known !== undefined) return known;
    const dictionary = file.dictionary(id);
    this.#dictionaries.set(key, dictionary, 1);
    return dictionary;
  }
}
