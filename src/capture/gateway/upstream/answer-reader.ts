import { ChunkedReader } from "../http1/chunked-reader.ts";
import { BrokenAnswer, brokenAnswer, CHUNKED, readWireHead, UNTIL_CLOSE, type WireHead } from "./wire-head.ts";

/** As large as what the gateway takes itself: an answer may repeat what a request brought. */
const HEAD_MAX = 64 * 1024;
/** Interim answers before the final one. Honest upstreams send two at most. */
const INTERIM_MAX = 16;

const END_OF_HEAD = Buffer.from("\r\n\r\n");

/** What an answer is read into. Pieces are views that are valid during the call only. */
export interface AnswerSink {
  head(head: WireHead): void;
  piece(bytes: Buffer): void;
  end(): void;
}

/** Reads one answer off a connection as its octets come. Throws `BrokenAnswer` for what is no answer. */
export class AnswerReader {
  readonly #sink: AnswerSink;
  readonly #bodiless: boolean;
  readonly #onPiece: (piece: Buffer) => void;
  /** The beginning of a head of which the end has not come yet. */
  #beginning: Buffer | undefined;
  #interim = 0;
  #head: WireHead | undefined;
  /** Octets of the body that are still to come. */
  #left = 0;
  #chunks: ChunkedReader | undefined;
  #done = false;
  #excess = false;

  /** @param bodiless the request was a HEAD. */
  constructor(sink: AnswerSink, bodiless: boolean) {
    this.#sink = sink;
    this.#bodiless = bodiless;
    this.#onPiece = (piece) => sink.piece(piece);
  }

  /** Octets have come. */
  get begun(): boolean {
    return this.#head !== undefined || this.#beginning !== undefined || this.#interim > 0;
  }

  /** The answer is complete. */
  get done(): boolean {
    return this.#done;
  }

  /** Nothing came behind the answer. */
  get clean(): boolean {
    return !this.#excess;
  }

  push(bytes: Buffer): void {
    let at = 0;
    while (this.#head === undefined) {
      at = this.#readHead(bytes, at);
      if (at === -1) return;
    }
    at = this.#readBody(bytes, at);
    // Nobody asked for more: who uses the connection again would take it for the next answer.
    if (at < bytes.length) this.#excess = true;
    if (this.#done) this.#sink.end();
  }

  /** The upstream has closed its side. */
  close(): void {
    if (this.#done) return;
    if (this.#head?.length !== UNTIL_CLOSE)
      throw new BrokenAnswer(this.begun ? "the upstream broke off its answer" : "the upstream closed the connection");
    this.#done = true;
    this.#sink.end();
  }

  /** Gives the offset behind the head, or -1 where its end has not come. */
  #readHead(bytes: Buffer, from: number): number {
    const before = this.#beginning;
    const all = before === undefined ? (from === 0 ? bytes : bytes.subarray(from)) : Buffer.concat([before, bytes]);
    const end = all.indexOf(END_OF_HEAD, Math.max(0, (before?.length ?? 0) - 3));
    if ((end === -1 ? all.length : end) > HEAD_MAX) throw new BrokenAnswer("the answer's head is too large");
    if (end === -1) {
      // A copy: what came is overwritten by what comes next.
      this.#beginning = before === undefined ? Buffer.from(all) : all;
      return -1;
    }
    this.#beginning = undefined;
    const head = readWireHead(all.toString("latin1", 0, end), this.#bodiless);
    const behind = end + END_OF_HEAD.length + from - (before?.length ?? 0);
    if (head.status >= 200) this.#begin(head);
    else if (head.status === 101) throw new BrokenAnswer("the upstream changed the protocol");
    else if ((this.#interim += 1) > INTERIM_MAX) throw new BrokenAnswer("the upstream does not come to its answer");
    return behind === bytes.length && this.#head === undefined ? -1 : behind;
  }

  #begin(head: WireHead): void {
    this.#head = head;
    if (head.length === CHUNKED) this.#chunks = new ChunkedReader({ lenient: true, broken: brokenAnswer });
    this.#left = head.length === UNTIL_CLOSE ? Infinity : Math.max(0, head.length);
    this.#done = head.length === 0;
    this.#sink.head(head);
  }

  #readBody(bytes: Buffer, from: number): number {
    if (this.#done) return from;
    if (this.#chunks !== undefined) {
      const at = this.#chunks.read(bytes, from, this.#onPiece);
      this.#done = this.#chunks.done;
      return at;
    }
    const end = Math.min(bytes.length, from + this.#left);
    if (end > from) this.#sink.piece(bytes.subarray(from, end));
    this.#left -= end - from;
    this.#done = this.#left === 0;
    return end;
  }
}
