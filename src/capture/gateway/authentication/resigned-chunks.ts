import type { Readable, TransformCallback } from "node:stream";
import { AwsChunkedReader } from "../../../aws/aws-chunked-reader.ts";
import type { ChunkSigner } from "../../../aws/sigv4/chunk-signer.ts";
import { EMPTY_HASH, sha256Hex } from "../../../aws/sigv4/string-to-sign.ts";
import { BodyStage } from "./body-stage.ts";
import { signedTrailers, TRAILER_SIGNATURE } from "./checked-chunks.ts";

/** Data in a chunk of ours: what the SDKs send. S3 wants 8 KB at least. */
const CHUNK = 65_536;
const SIGNATURE_LENGTH = 64;

/** Characters that the checksums of S3 have in base64. */
const CHECKSUM_LENGTHS: ReadonlyMap<string, number> = new Map([
  ["x-amz-checksum-crc32", 8],
  ["x-amz-checksum-crc32c", 8],
  ["x-amz-checksum-crc64nvme", 12],
  ["x-amz-checksum-sha1", 28],
  ["x-amz-checksum-sha256", 44],
]);

/** Takes a checked body in signed chunks apart and gives its data in chunks of its own, signed anew. Trailers stay as they are. */
export class ResignedChunks extends BodyStage {
  readonly #signer: ChunkSigner;
  readonly #trailers: boolean;
  readonly #reader: AwsChunkedReader;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(checked: Readable, signer: ChunkSigner, form: { readonly trailers: boolean }) {
    super(checked);
    this.#signer = signer;
    this.#trailers = form.trailers;
    this.#reader = new AwsChunkedReader((data) => this.#take(data));
  }

  override _transform(chunk: Uint8Array, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#reader.push(chunk);
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#reader.end();
    if (this.#bytes > 0) this.#emit();
    this.push(`0;chunk-signature=${this.#signer.chunk(EMPTY_HASH)}\r\n`);
    if (this.#trailers) {
      const trailers = signedTrailers(this.#reader.trailers);
      for (const [name, value] of trailers) this.push(`${name}:${value}\r\n`, "latin1");
      this.push(`${TRAILER_SIGNATURE}:${this.#signer.trailer(trailers)}\r\n`);
    }
    this.push("\r\n");
    done();
  }

  #take(data: Uint8Array): void {
    let rest = data;
    while (rest.length > 0) {
      const part = rest.subarray(0, CHUNK - this.#bytes);
      this.#pieces.push(part);
      this.#bytes += part.length;
      rest = rest.subarray(part.length);
      if (this.#bytes === CHUNK) this.#emit();
    }
  }

  #emit(): void {
    const data = Buffer.concat(this.#pieces, this.#bytes);
    this.#pieces = [];
    this.#bytes = 0;
    this.push(`${data.length.toString(16)};chunk-signature=${this.#signer.chunk(sha256Hex(data))}\r\n`);
    this.push(data);
    this.push("\r\n");
  }
}

/** Bytes of such a body, framing included; undefined where the request does not tell, so that HTTP has to frame it. */
export function resignedLength(headers: ReadonlyMap<string, string>): number | undefined {
  const text = headers.get("x-amz-decoded-content-length") ?? "";
  if (!/^\d{1,15}$/.test(text)) return undefined;
  const length = Number(text);
  let trailers = 0;
  if (headers.get("x-amz-content-sha256")?.endsWith("-TRAILER") === true) {
    for (const name of (headers.get("x-amz-trailer") ?? "").split(",").map((each) => each.trim().toLowerCase())) {
      const value = CHECKSUM_LENGTHS.get(name);
      if (value === undefined) return undefined;
      trailers += name.length + 1 + value + 2;
    }
    trailers += TRAILER_SIGNATURE.length + 1 + SIGNATURE_LENGTH + 2;
  }
  const last = length % CHUNK;
  return Math.floor(length / CHUNK) * frame(CHUNK) + (last === 0 ? 0 : frame(last)) + frame(0) - 2 + trailers + 2;
}

function frame(size: number): number {
  return size.toString(16).length + ";chunk-signature=".length + SIGNATURE_LENGTH + 2 + size + 2;
}
