/** Octets of a chunk's size line, extensions included, and of all trailer lines together. */
const LINE_MAX = 4096;
const TRAILERS_MAX = 16 * 1024;

/** To the letter (RFC 9112, 7.1.1), but for blanks. */
const sizeLine =
  /^([0-9A-Fa-f]{1,12})(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e]|\\[\t\x20-\x7e])*"))?)*$/;
/** Some servers fill up the size with blanks. */
const paddedSizeLine = /^([0-9A-Fa-f]{1,12})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;
const trailerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t\x20-\x7e\x80-\xff]*$/;
const framingName = /^(?:content-length|transfer-encoding)$/i;

export interface ChunkRules {
  /** Blanks behind a size, and trailers named like the lines that frame a message: in an answer harmless, in a request a trick. */
  readonly lenient: boolean;
  /** Makes the error for a message of which two readers would see different ends. */
  readonly broken: (what: string) => Error;
}

/** Takes the chunks of one message apart (RFC 9112, 7.1). Extensions and trailers are read and left behind. */
export class ChunkedReader {
  readonly #rules: ChunkRules;
  #state: "size" | "data" | "gap" | "trailer" | "done" = "size";
  /** A line of which the end has not come yet. */
  #line = "";
  #left = 0;
  #trailers = 0;

  constructor(rules: ChunkRules) {
    this.#rules = rules;
  }

  get done(): boolean {
    return this.#state === "done";
  }

  /**
   * Reads `bytes` from `from` on and hands each piece of payload, a view into them, to `onPiece`. Gives the offset behind what belongs to the
   * message. Throws what `broken` makes.
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
      if (this.#line.length > LINE_MAX) throw this.#rules.broken("a line between the chunks is too long");
      if (feed === -1) return bytes.length;
      at = feed + 1;
      if (!this.#line.endsWith("\r\n")) throw this.#rules.broken("a line between the chunks ends without CR");
      const line = this.#line.slice(0, -2);
      this.#line = "";
      this.#take(line);
    }
    return at;
  }

  #take(line: string): void {
    const { lenient, broken } = this.#rules;
    if (this.#state === "size") {
      const size = (lenient ? paddedSizeLine : sizeLine).exec(line)?.[1];
      if (size === undefined) throw broken("a chunk has no size");
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? "trailer" : "data";
    } else if (this.#state === "gap") {
      if (line !== "") throw broken("a chunk is longer than its size");
      this.#state = "size";
    } else if (line === "") {
      this.#state = "done";
    } else {
      this.#trailers += line.length + 2;
      if (this.#trailers > TRAILERS_MAX) throw broken("the trailers are too large");
      const name = trailerLine.exec(line)?.[1];
      if (name === undefined) throw broken("a trailer line has no name");
      if (!lenient && framingName.test(name)) throw broken(`a trailer named ${name}`);
    }
  }
}
