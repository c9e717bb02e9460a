/** Chunk heads and trailers are some hundred octets; a longer line is none of them. */
const LINE_MAX = 8192;
/** S3 knows a checksum and a signature. */
const TRAILERS_MAX = 32;

/** Told of the frames themselves, for those who check or count them. */
export interface ChunkObserver {
  /** @param extension what stands behind the size, semicolon included (`;chunk-signature=…`), or "". */
  begins(size: number, extension: string): void;
  /** All of the chunk's data has gone to the sink; the last chunk, of size 0, has none. */
  ends(): void;
}

/**
 * Takes the framing of `Content-Encoding: aws-chunked` off passing bytes: `HEX[;chunk-signature=…]CRLF payload CRLF`, a
 * chunk of size 0, then trailer lines (`x-amz-checksum-crc32:…`). Signed and unsigned forms differ only in what stands
 * behind the size. Source: "Signature calculations … transferring payload in multiple chunks" and "… including trailing
 * headers" in the Amazon S3 API Reference. Signatures are not checked here.
 */
export class AwsChunkedReader {
  /** Lower-case names, signature included; complete after `end`. */
  readonly trailers = new Map<string, string>();
  readonly #sink: (payload: Uint8Array) => void;
  readonly #observer: ChunkObserver | undefined;
  #state: "size" | "payload" | "payload-end" | "trailers" | "behind" | "over" = "size";
  #line = "";
  #left = 0;
  #ended = false;
  #problem: string | undefined;

  /** `sink` gets views of the bytes that are pushed. */
  constructor(sink: (payload: Uint8Array) => void, observer?: ChunkObserver) {
    this.#sink = sink;
    this.#observer = observer;
  }

  /** Why the bytes are no such framing, as the object of "has"; what came before that has gone to the sink. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** The last chunk has been seen. Trailers may still follow. */
  get ended(): boolean {
    return this.#ended;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.#state !== "over") {
      if (this.#state === "payload") {
        const end = Math.min(bytes.length, at + this.#left);
        this.#sink(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left > 0) continue;
        this.#state = "payload-end";
        this.#observer?.ends();
        continue;
      }
      const newline = bytes.indexOf(10, at);
      const end = newline === -1 ? bytes.length : newline;
      this.#line += Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(end - at, LINE_MAX + 1)).toString("latin1");
      at = end + 1;
      if (this.#line.length > LINE_MAX) this.#fail("an endless line");
      else if (newline !== -1) this.#takeLine();
    }
  }

  /** No more bytes come. The trailers' last line need not end. */
  end(): void {
    if (this.#line !== "" && (this.#state === "trailers" || this.#state === "behind")) this.#takeLine();
  }

  #takeLine(): void {
    const line = this.#line.replace(/\r$/, "");
    this.#line = "";
    switch (this.#state) {
      case "size":
        return this.#takeSize(line);
      case "payload-end":
        if (line === "") this.#state = "size";
        else this.#fail("a chunk that is longer than it says");
        return;
      default:
        // Some clients put an empty line in front of the trailers or between them: it ends what must be well-formed.
        if (line === "") this.#state = "behind";
        else this.#takeTrailer(line);
    }
  }

  #takeSize(line: string): void {
    const [, size, extension = ""] = /^([0-9a-fA-F]{1,13})(;.*)?$/.exec(line) ?? [];
    if (size === undefined) return this.#fail("a malformed chunk header");
    this.#left = Number.parseInt(size, 16);
    this.#ended = this.#left === 0;
    this.#state = this.#ended ? "trailers" : "payload";
    this.#observer?.begins(this.#left, extension);
    if (this.#ended) this.#observer?.ends();
  }

  #takeTrailer(line: string): void {
    if (this.trailers.size >= TRAILERS_MAX) return this.#fail("too many trailers");
    const colon = line.indexOf(":");
    if (colon > 0) this.trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }

  /** What follows the end belongs to nothing, and is passed over. */
  #fail(problem: string): void {
    if (this.#state !== "behind") this.#problem = problem;
    this.#state = "over";
    this.#line = "";
  }
}
