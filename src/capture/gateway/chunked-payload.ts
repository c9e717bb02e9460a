type Sink = (payload: Uint8Array) => void;

/** Chunk head and trailer lines are some hundred bytes; a longer line is no aws-chunked framing. */
const LINE_MAX = 8192;
const TRAILERS_MAX = 32;

/**
 * Removes the framing of `Content-Encoding: aws-chunked` from a passing stream: `HEX[;chunk-signature=…]CRLF payload CRLF`,
 * a chunk of size 0, then trailer lines (`x-amz-checksum-crc32:…`). Signed and unsigned forms differ only in what stands
 * behind the size. Source: "Signature calculations … transferring payload in multiple chunks" and "… including trailing
 * headers" in the Amazon S3 API Reference. Signatures are not checked here.
 */
export class ChunkedPayload {
  /** Trailer fields with lower-case names, signature included. */
  readonly trailers = new Map<string, string>();
  readonly #sink: Sink;
  #state: "head" | "payload" | "payload-end" | "trailers" | "broken" = "head";
  #line = "";
  #left = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** The bytes seen were no such framing; what came before the break has gone to the sink. */
  get broken(): boolean {
    return this.#state === "broken";
  }

  /** The last chunk has been seen. Trailers may still follow. */
  get ended(): boolean {
    return this.#state === "trailers";
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#state !== "broken") {
      if (this.#state === "payload") {
        const end = Math.min(chunk.length, at + this.#left);
        this.#sink(chunk.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#state = "payload-end";
        continue;
      }
      const newline = chunk.indexOf(10, at);
      const end = newline === -1 ? chunk.length : newline;
      this.#line += Buffer.from(chunk.buffer, chunk.byteOffset + at, end - at).toString("latin1");
      at = end + 1;
      if (this.#line.length > LINE_MAX) this.#state = "broken";
      else if (newline !== -1) this.#takeLine(this.#line.replace(/\r$/, ""));
    }
  }

  /** The trailers' last line need not end. */
  end(): void {
    if (this.#state === "trailers" && this.#line !== "") this.#takeLine(this.#line.replace(/\r$/, ""));
  }

  #takeLine(line: string): void {
    this.#line = "";
    if (this.#state === "payload-end") {
      this.#state = line === "" ? "head" : "broken";
    } else if (this.#state === "trailers") {
      // Before the trailers' end there may be an empty line, which closes the last chunk in some clients.
      const colon = line.indexOf(":");
      if (colon > 0 && this.trailers.size < TRAILERS_MAX)
        this.trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    } else {
      const size = /^([0-9a-fA-F]{1,12})(?:;.*)?$/.exec(line)?.[1];
      if (size === undefined) this.#state = "broken";
      else {
        this.#left = Number.parseInt(size, 16);
        this.#state = this.#left === 0 ? "trailers" : "payload";
      }
    }
  }
}
