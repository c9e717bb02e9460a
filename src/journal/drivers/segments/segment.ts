import type { Position } from "../../journal.ts";
import { SEGMENT_HEADER_BYTES } from "./segment-header.ts";
import type { SegmentForm } from "./layout.ts";

/** Bytes between two index points at least: what one read from disk fetches, and 256 points for a full segment. */
const SPAN_BYTES = 64 * 1024;

/** Whole blocks that are read together. */
export interface Span {
  readonly number: number;
  readonly first: Position;
  readonly offset: number;
  readonly bytes: number;
  /** False while blocks may still be added to it. */
  readonly complete: boolean;
}

/** What is known in memory of one segment file: where its durable blocks are. */
export class Segment {
  readonly base: Position;
  readonly path: string;
  readonly form: SegmentForm;
  readonly salt: Buffer;
  #fileBytes: number;
  #end = SEGMENT_HEADER_BYTES;
  #next: Position;
  readonly #firsts: Position[] = [];
  readonly #offsets: number[] = [];

  constructor(base: Position, path: string, form: SegmentForm, salt: Buffer, fileBytes: number) {
    this.base = base;
    this.path = path;
    this.form = form;
    this.salt = salt;
    this.#fileBytes = fileBytes;
    this.#next = base;
  }

  /** Newest durable position; `base - 1` while there is none. */
  get last(): Position {
    return this.#next - 1;
  }

  /** Offset behind the newest durable block. */
  get end(): number {
    return this.#end;
  }

  get fileBytes(): number {
    return Math.max(this.#fileBytes, this.#end);
  }

  /** Notes a durable block at `end`. */
  note(count: number, bytes: number): void {
    const newest = this.#offsets.at(-1);
    if (newest === undefined || this.#end - newest >= SPAN_BYTES) {
      this.#firsts.push(this.#next);
      this.#offsets.push(this.#end);
    }
    this.#next += count;
    this.#end += bytes;
  }

  /** The file was cut behind the newest durable block. */
  cut(): void {
    this.#fileBytes = this.#end;
  }

  /** The span that holds `position`; undefined when the segment does not. */
  spanOf(position: Position): Span | undefined {
    if (position < this.base || position > this.last) return undefined;
    let low = 0;
    let high = this.#firsts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#firsts[middle] ?? Infinity) <= position) low = middle;
      else high = middle - 1;
    }
    return this.#span(low);
  }

  /** The span behind `span`; undefined at the end. */
  spanAfter(span: Span): Span | undefined {
    return this.#span(span.number + 1);
  }

  #span(number: number): Span | undefined {
    const first = this.#firsts[number];
    const offset = this.#offsets[number];
    if (first === undefined || offset === undefined) return undefined;
    const next = this.#offsets[number + 1];
    return { number, first, offset, bytes: (next ?? this.#end) - offset, complete: next !== undefined };
  }
}
