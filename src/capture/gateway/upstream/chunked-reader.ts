import { BrokenAnswer } from "./wire-head.ts";

/** Octets of a chunk's size line, extensions included, and of all trailer lines together. */
const LINE_MAX = 4096;
const TRAILERS_MAX = 16 * 1024;

const sizeLine = /^([0-9A-Fa-f]{1,12})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;
const trailerLine = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;

/** Takes the chunks of one message apart (RFC 9112, 7.1). Extensions and trailers are read and left behind. */
export class ChunkedReader {
  #state: "size" | "data" | "gap" | "trailer" | "done" = "size";
  /** A line of which the end has not come yet. */
  #line = "";
  #left = 0;
  #trailers = 0;

  get done(): boolean {
    return this.#state === "done";
  }

  /**
   * Reads `bytes` from `from` on and hands each piece of payload, a view into them, to `onPiece`. Gives the offset behind what belongs to the
   * message. Throws `BrokenAnswer`.
   */
  read(bytes: Buffer, from: number, onPiece: (piece: Buffer) => void): number {
    let at = from;
    while (at < bytes.length && this.#state !== "done") {
      if (this.#state === "data") {
        const end = Math.min(at + this.#left, bytes.length);
        onPiece(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#state = "gap";
        continue;
      }
      const feed = bytes.indexOf(0x0a, at);
      this.#line += bytes.toString("latin1", at, feed === -1 ? bytes.length : feed + 1);
      if (this.#line.length > LINE_MAX) throw new BrokenAnswer("a line between the answer's chunks is too long");
      if (feed === -1) return bytes.length;
      at = feed + 1;
      if (!this.#line.endsWith("\r\n")) throw new BrokenAnswer("a line between the answer's chunks ends without CR");
      const line = this.#line.slice(0, -2);
      this.#line = "";
      this.#take(line);
    }
    return at;
  }

  #take(line: string): void {
    if (this.#state === "size") {
      const size = sizeLine.exec(line)?.[1];
      if (size === undefined) throw new BrokenAnswer("a chunk of the answer has no size");
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? "trailer" : "data";
    } else if (this.#state === "gap") {
      if (line !== "") throw new BrokenAnswer("a chunk of the answer is longer than its size");
      this.#state = "size";
    } else if (line === "") {
      this.#state = "done";
    } else {
      this.#trailers += line.length + 2;
      if (this.#trailers > TRAILERS_MAX) throw new BrokenAnswer("the answer's trailers are too large");
      if (!trailerLine.test(line)) throw new BrokenAnswer("a trailer line of the answer has no name");
    }
  }
}
