import type { LogGroup } from "./log-family.ts";

const HEAD = Buffer.from('{"Records":[');
const TAIL = Buffer.from("]}");
const COMMA = 0x2c;
const FIRST_SIZE = 16 * 1024;

/** The log file that is being gathered for one group: the records' own bytes, one behind the other. */
export class LogWindow {
  readonly group: LogGroup;
  #octets: Buffer<ArrayBuffer> = Buffer.allocUnsafe(FIRST_SIZE);
  #length: number;
  #events = 0;
  #newest = 0;
  #oldest = Infinity;

  constructor(group: LogGroup) {
    this.group = group;
    this.#length = HEAD.copy(this.#octets);
  }

  get events(): number {
    return this.#events;
  }

  /** Octets that it will have. */
  get size(): number {
    return this.#length + TAIL.length;
  }

  /** `eventTime` of the newest event, epoch seconds; 0 without any. */
  get newest(): number {
    return this.#newest;
  }

  get oldest(): number {
    return this.#oldest;
  }

  /** Copies: the journal's buffers are not held. */
  add(record: Uint8Array, time: number): void {
    const length = this.#length + record.length + 1;
    if (length + TAIL.length > this.#octets.length) this.#grow(length + TAIL.length);
    if (this.#events > 0) this.#octets[this.#length++] = COMMA;
    this.#octets.set(record, this.#length);
    this.#length += record.length;
    this.#events++;
    const second = Math.floor(time);
    this.#newest = Math.max(this.#newest, second);
    this.#oldest = Math.min(this.#oldest, second);
  }

  /** The newest event's time is this at least. */
  extend(time: number): void {
    this.#newest = Math.max(this.#newest, Math.floor(time));
  }

  /** The file's content before compression. Nothing may be added afterwards. */
  content(): Buffer<ArrayBuffer> {
    return this.#octets.subarray(0, this.#length + TAIL.copy(this.#octets, this.#length));
  }

  #grow(needed: number): void {
    const octets = Buffer.allocUnsafe(Math.max(needed, this.#octets.length * 2));
    this.#octets.copy(octets, 0, 0, this.#length);
    this.#octets = octets;
  }
}
