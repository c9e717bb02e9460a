import { BrokenRequest } from "./broken-request.ts";
import { PieceQueue } from "./piece-queue.ts";

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const CR = 0x0d;
const LF = 0x0a;

/** A head that is complete: its text, and where in the piece that completed it the octets behind it begin. */
export interface GatheredHead {
  /** Without the empty line that ends it, one character an octet. */
  readonly text: string;
  readonly behind: number;
}

/** Puts a request's head together from the pieces in which it comes. */
export class HeadGatherer {
  readonly #most: number;
  /** What came before the piece at hand, of a head of which the end has not come. */
  readonly #pieces = new PieceQueue();
  /** The last octets of that, up to three: the end may begin there. */
  #tail: Buffer = Buffer.alloc(0);
  /** An empty line in front, of which the second octet has not come. */
  #halfLine = false;

  /** @param most octets of a head. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Something of a head has come. */
  get begun(): boolean {
    return this.#pieces.octets > 0;
  }

  /**
   * Takes a piece from `from` on; undefined where more is to come. Throws `BrokenRequest` as soon as it is clear that this will be no
   * head.
   */
  take(piece: Buffer, from: number): GatheredHead | undefined {
    if (from >= piece.length) return undefined;
    const start = this.begun ? from : this.#behindEmptyLines(piece, from);
    if (start >= piece.length) return undefined;
    const first = this.begun ? undefined : piece[start];
    if (first !== undefined && (first < 0x41 || first > 0x5a)) throw new BrokenRequest("no request line of HTTP/1.1");
    const end = this.#endIn(piece, start);
    if (this.#pieces.octets + (end ?? piece.length) - start > this.#most)
      throw new BrokenRequest("a head that is too large", 431);
    if (end === undefined) {
      this.#keep(piece.subarray(start));
      return undefined;
    }
    const last = piece.toString("latin1", start, end);
    const text = this.begun ? this.#pieces.takeAll().toString("latin1") + last : last;
    this.#tail = this.#tail.subarray(0, 0);
    return { text: text.slice(0, -END_OF_HEAD.length), behind: end };
  }

  /** Where the request line begins: empty lines may stand in front of it (RFC 9112, 2.2). */
  #behindEmptyLines(piece: Buffer, from: number): number {
    let at = from;
    if (this.#halfLine) {
      if (piece[at] !== LF) throw new BrokenRequest("no request line of HTTP/1.1");
      at += 1;
    }
    while (piece[at] === CR && piece[at + 1] === LF) at += 2;
    this.#halfLine = piece[at] === CR && at === piece.length - 1;
    return this.#halfLine ? piece.length : at;
  }

  /** Offset behind the end of the head. */
  #endIn(piece: Buffer, start: number): number | undefined {
    if (this.#tail.length > 0) {
      const seam = Buffer.concat([this.#tail, piece.subarray(start, start + 3)]);
      const found = seam.indexOf(END_OF_HEAD);
      if (found !== -1) return start + found + END_OF_HEAD.length - this.#tail.length;
    }
    const found = piece.indexOf(END_OF_HEAD, start);
    return found === -1 ? undefined : found + END_OF_HEAD.length;
  }

  #keep(piece: Buffer): void {
    // The end of such a head would never be found.
    for (let at = piece.indexOf(LF); at !== -1; at = piece.indexOf(LF, at + 1))
      if ((at === 0 ? this.#tail.at(-1) : piece[at - 1]) !== CR) throw new BrokenRequest("a line that ends without CR");
    this.#pieces.push(piece);
    this.#tail = Buffer.concat([this.#tail, piece.subarray(-3)]).subarray(-3);
  }
}
