import { Transform, type TransformCallback } from "node:stream";
import { AwsChunkedReader } from "./aws-chunked-reader.ts";
import { AwsError } from "./aws-error.ts";

/** Takes the framing of `aws-chunked` off a body. Fails with S3's `IncompleteBody` or `InvalidRequest`. */
export class AwsChunkedDecoder extends Transform {
  readonly #reader = new AwsChunkedReader((payload) => this.push(payload));

  /** Trailer lines, lower-case names; complete once the stream has ended. */
  get trailers(): ReadonlyMap<string, string> {
    return this.#reader.trailers;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#reader.push(chunk);
    done(this.#malformed());
  }

  override _flush(done: TransformCallback): void {
    this.#reader.end();
    const incomplete = new AwsError("IncompleteBody", "The request body terminated unexpectedly", 400);
    done(this.#malformed() ?? (this.#reader.ended ? null : incomplete));
  }

  #malformed(): AwsError | null {
    const { problem } = this.#reader;
    return problem === undefined ? null : new AwsError("InvalidRequest", `The aws-chunked body has ${problem}`, 400);
  }
}

export function isAwsChunked(headers: ReadonlyMap<string, string>): boolean {
  return (
    /^STREAMING-(?!.*EVENTS)/.test(headers.get("x-amz-content-sha256") ?? "") ||
    /\baws-chunked\b/i.test(headers.get("content-encoding") ?? "")
  );
}
