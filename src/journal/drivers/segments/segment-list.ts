import type { Position } from "../../journal.ts";
import type { Segment } from "./segment.ts";

/** The segments of a journal, oldest first, without gaps. */
export class SegmentList {
  #segments: readonly Segment[] = [];

  /** Oldest position held; one past the newest where nothing is held. */
  get first(): Position {
    return this.#segments[0]?.base ?? 1;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.fileBytes, 0);
  }

  get newest(): Segment | undefined {
    return this.#segments.at(-1);
  }

  has(segment: Segment): boolean {
    return this.#segments.includes(segment);
  }

  /** Adds the newest; one of the same base, which holds nothing, gives way. */
  add(segment: Segment): void {
    this.#segments = [...this.#segments.filter((other) => other.base < segment.base), segment];
  }

  replace(old: Segment, by: Segment): void {
    this.#segments = this.#segments.map((segment) => (segment === old ? by : segment));
  }

  remove(segment: Segment): void {
    this.#segments = this.#segments.filter((other) => other !== segment);
  }

  /** Takes back the oldest, whose removal failed. */
  restore(segment: Segment): void {
    this.#segments = [segment, ...this.#segments];
  }

  holding(position: Position): Segment | undefined {
    return this.#segments.findLast((segment) => segment.base <= position && position <= segment.last);
  }

  /** Full segments that were not compressed yet, without the newest `kept` of them. */
  unsealed(kept: number): readonly Segment[] {
    return this.#segments.slice(0, -1 - kept).filter((segment) => segment.form === "segment");
  }

  /** Segments before the newest that hold nothing after `position`. */
  upTo(position: Position): readonly Segment[] {
    return this.#segments.slice(0, -1).filter((segment) => segment.last <= position);
  }
}
