import { AwsChunkedReader } from "../../aws/aws-chunked-reader.ts";
import { isAwsChunked } from "../../aws/aws-chunked.ts";
import { BodyCapture } from "./body-capture.ts";

/** What a record keeps of a request's body: its beginning where it is wanted, and the trailers of `aws-chunked` always. */
export class RequestCapture {
  readonly #headers: ReadonlyMap<string, string>;
  readonly #cap: number;
  #capture: BodyCapture | undefined;
  #chunked: AwsChunkedReader | undefined;

  /** @param cap bytes, chunk framing not counted. */
  constructor(headers: ReadonlyMap<string, string>, cap: number) {
    this.#headers = headers;
    this.#cap = cap;
  }

  /** What the body is to be shown to; undefined where nothing of it is needed. */
  tap(keep: boolean): ((chunk: Uint8Array) => void) | undefined {
    const capture = keep ? (this.#capture = new BodyCapture(this.#cap)) : undefined;
    if (!isAwsChunked(this.#headers)) return capture === undefined ? undefined : (chunk) => capture.push(chunk);
    const reader = (this.#chunked = new AwsChunkedReader((payload) => capture?.push(payload)));
    return (chunk) => reader.push(chunk);
  }

  captured(): { readonly body: Uint8Array | undefined; readonly bodyTruncated: boolean } {
    return { body: this.#capture?.bytes(), bodyTruncated: this.#capture?.truncated ?? false };
  }

  /** The headers, and the trailer fields that came behind the body, as HTTP would have them: a header wins. */
  withTrailers(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    this.#chunked?.end();
    const trailers = this.#chunked?.trailers;
    return trailers === undefined || trailers.size === 0 ? headers : new Map([...trailers, ...headers]);
  }
}
