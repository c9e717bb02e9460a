import { ChunkedReader } from "../http1/chunked-reader.ts";
import { brokenRequest } from "./broken-request.ts";
import { PieceQueue } from "./piece-queue.ts";
import { CHUNKED } from "./request-wire-head.ts";

/** Who takes a request's body. */
export interface BodySink {
  data(piece: Buffer): void;
  /** All of it has been handed over. */
  end(): void;
  /** The rest will never come. */
  gone(): void;
}

/** Octets that are kept for a sink that does not let them flow. */
const HELD_MAX = 64 * 1024;
/** Octets up to which what is between two chunks' framing is put together with what else has come at once. */
const SMALL_PIECE = 4096;

/** A request's body as it comes off its connection: handed on as long as its sink lets it flow, held otherwise. */
export class ArrivingBody {
  readonly #chunks: ChunkedReader | undefined;
  readonly #onHeld: () => void;
  /** Octets that are still to come, where they are known. */
  #left: number;
  /** What has come and was not handed over. */
  readonly #waiting = new PieceQueue();
  /** What the chunks that are being read have brought. */
  #brought: Buffer[] = [];
  #sink: BodySink | undefined;
  #flowing = false;
  #discarding = false;
  #complete: boolean;
  #ended = false;
  #gone = false;

  /**
   * @param length in octets, or `CHUNKED`.
   * @param onHeld called whenever `held` may have changed.
   */
  constructor(length: number, onHeld: () => void) {
    this.#chunks = length === CHUNKED ? new ChunkedReader({ lenient: false, broken: brokenRequest }) : undefined;
    this.#left = length;
    this.#complete = length === 0;
    this.#onHeld = onHeld;
  }

  /** All of it has come. */
  get complete(): boolean {
    return this.#complete;
  }

  /** All of it has been handed over. */
  get ended(): boolean {
    return this.#ended;
  }

  /** It broke off. */
  get gone(): boolean {
    return this.#gone;
  }

  /** So much waits for the sink that no more should be read. */
  get held(): boolean {
    return this.#waiting.octets >= HELD_MAX && !this.#complete;
  }

  /** Its sink takes what comes. */
  get flowing(): boolean {
    return this.#flowing;
  }

  attach(sink: BodySink): void {
    this.#sink = sink;
  }

  /** Hands over what has come and what comes, until `hold`; the first of it, and the end, before this returns. */
  flow(): void {
    this.#flowing = true;
    while (this.#flowing) {
      const piece = this.#waiting.shift();
      if (piece === undefined) break;
      this.#sink?.data(piece);
    }
    this.#onHeld();
    this.#endIfDone();
  }

  hold(): void {
    this.#flowing = false;
  }

  /** What is left of it is of use to nobody; it passes unread. */
  discard(): void {
    this.#discarding = true;
    this.#waiting.clear();
    this.#sink = undefined;
    this.#onHeld();
  }

  /** Takes octets from `from` on; gives the offset behind those that belong to the body. Throws `BrokenRequest`. */
  take(bytes: Buffer, from: number): number {
    const at = this.#chunks === undefined ? this.#takeCounted(bytes, from) : this.#takeChunks(this.#chunks, bytes, from);
    this.#complete = this.#chunks === undefined ? this.#left === 0 : this.#chunks.done;
    this.#endIfDone();
    return at;
  }

  /** No more of it will come. */
  breakOff(): void {
    if (this.#complete || this.#gone) return;
    this.#gone = true;
    this.#sink?.gone();
  }

  #takeCounted(bytes: Buffer, from: number): number {
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    if (end > from) this.#handOver(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end));
    return end;
  }

  #takeChunks(chunks: ChunkedReader, bytes: Buffer, from: number): number {
    try {
      return chunks.read(bytes, from, this.#onPiece);
    } finally {
      const brought = this.#brought;
      this.#brought = [];
      // Whoever keeps pieces would pay a hundred octets for each chunk of one.
      if (brought.length > 1 && bytes.length - from <= brought.length * SMALL_PIECE) this.#handOver(Buffer.concat(brought));
      else for (const piece of brought) this.#handOver(piece);
    }
  }

  readonly #onPiece = (piece: Buffer): void => {
    if (!this.#discarding && piece.length > 0) this.#brought.push(piece);
  };

  #handOver(piece: Buffer): void {
    if (this.#discarding) return;
    if (this.#flowing && this.#waiting.octets === 0) this.#sink?.data(piece);
    else this.#waiting.push(piece);
  }

  #endIfDone(): void {
    if (!this.#complete || this.#ended || !this.#flowing || this.#waiting.octets > 0) return;
    this.#ended = true;
    this.#sink?.end();
  }
}
