import { Transform, type TransformCallback } from "node:stream";
import { AwsError } from "./aws-error.ts";

/** A chunk header longer than this is no chunk header. */
const MAX_LINE_BYTES = 8192;

/** S3 knows a checksum and a signature. */
const MAX_TRAILERS = 32;

/**
 * Takes the framing of `Content-Encoding: aws-chunked` off a body: `SIZE[;chunk-signature=…]\r\n` before each chunk, `0\r\n`
 * and trailer lines at the end. Signatures are not checked here. Fails with S3's `IncompleteBody` or `InvalidRequest`.
 * (Amazon S3 API Reference, "Signature Calculations … Transferring Payload in Multiple Chunks".)
 */
export class AwsChunkedDecoder extends Transform {
  /** Trailer lines, lower-case names; complete once the stream has ended. */
  readonly trailers = new Map<string, string>();
  #rest: Buffer = Buffer.alloc(0);
  #state: "size" | "data" | "data-end" | "trailer" | "done" = "size";
  #left = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    try {
      while (this.#step());
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    // Some clients end without the empty line after the last chunk.
    try {
      if (this.#state === "trailer" && this.#rest.length > 0) this.#trailer(this.#rest.toString("latin1"));
    } catch (error) {
      return done(error as Error);
    }
    const whole = this.#state === "done" || this.#state === "trailer";
    done(whole ? null : new AwsError("IncompleteBody", "The request body terminated unexpectedly", 400));
  }

  /** Takes one thing off the front of what has arrived; false when more must arrive first. */
  #step(): boolean {
    switch (this.#state) {
      case "size": {
        const line = this.#line();
        if (line === undefined) return false;
        const size = /^([0-9a-fA-F]{1,13})(?:;.*)?$/.exec(line)?.[1];
        if (size === undefined) throw malformed("a malformed chunk header");
        this.#left = Number.parseInt(size, 16);
        this.#state = this.#left === 0 ? "trailer" : "data";
        return true;
      }
      case "data": {
        if (this.#rest.length === 0) return false;
        const piece = this.#rest.subarray(0, this.#left);
        this.#rest = this.#rest.subarray(piece.length);
        this.#left -= piece.length;
        this.push(piece);
        if (this.#left === 0) this.#state = "data-end";
        return true;
      }
      case "data-end": {
        const line = this.#line();
        if (line === undefined) return false;
        if (line !== "") throw malformed("a chunk that is longer than it says");
        this.#state = "size";
        return true;
      }
      case "trailer": {
        const line = this.#line();
        if (line === undefined) return false;
        if (line === "") this.#state = "done";
        else this.#trailer(line);
        return true;
      }
      case "done":
        // What follows the end belongs to nothing, and must not pile up.
        this.#rest = Buffer.alloc(0);
        return false;
    }
  }

  #trailer(line: string): void {
    const colon = line.indexOf(":");
    if (this.trailers.size >= MAX_TRAILERS) throw malformed("too many trailers");
    if (colon > 0) this.trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }

  #line(): string | undefined {
    const end = this.#rest.indexOf("\r\n");
    if (end < 0) {
      if (this.#rest.length > MAX_LINE_BYTES) throw malformed("an endless line");
      return undefined;
    }
    const line = this.#rest.toString("latin1", 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    return line;
  }
}

function malformed(what: string): AwsError {
  return new AwsError("InvalidRequest", `The aws-chunked body has ${what}`, 400);
}

export function isAwsChunked(headers: ReadonlyMap<string, string>): boolean {
  return (
    /^STREAMING-(?!.*EVENTS)/.test(headers.get("x-amz-content-sha256") ?? "") ||
    /\baws-chunked\b/i.test(headers.get("content-encoding") ?? "")
  );
}
