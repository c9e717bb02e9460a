import { createHash, type Hash, timingSafeEqual } from "node:crypto";
import type { Readable, TransformCallback } from "node:stream";
import { AwsChunkedReader } from "../../../aws/aws-chunked-reader.ts";
import type { ChunkSigner } from "../../../aws/sigv4/chunk-signer.ts";
import { BodyStage } from "./body-stage.ts";
import { type Problem, SignatureProblem } from "./signature-problem.ts";

/** The trailer line that signs the others. */
export const TRAILER_SIGNATURE = "x-amz-trailer-signature";

export interface ChunkedForm {
  /** Trailers come behind the last chunk, with a signature of their own. */
  readonly trailers: boolean;
  /** Bytes without framing, as `x-amz-decoded-content-length` has them; undefined where it does not say. */
  readonly decodedLength: number | undefined;
}

/**
 * Lets a body in signed chunks pass, framing and all. It fails at the first chunk whose signature does not hold; its last
 * piece waits until the last signature has. Fails with `SignatureProblem`.
 */
export class CheckedChunks extends BodyStage {
  readonly #signer: ChunkSigner;
  readonly #form: ChunkedForm;
  readonly #reader: AwsChunkedReader;
  #hash: Hash = createHash("sha256");
  #claimed = "";
  #length = 0;
  #last: Uint8Array | undefined;
  #problem: Problem | undefined;

  constructor(body: Readable, signer: ChunkSigner, form: ChunkedForm) {
    super(body);
    this.#signer = signer;
    this.#form = form;
    this.#reader = new AwsChunkedReader(
      (data) => {
        this.#hash.update(data);
        this.#length += data.length;
      },
      {
        begins: (_size, extension) => {
          this.#claimed = /^;chunk-signature=([0-9a-f]{64})$/i.exec(extension)?.[1] ?? "";
        },
        ends: () => this.#checkChunk(),
      },
    );
  }

  override _transform(chunk: Uint8Array, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#reader.push(chunk);
    const problem = this.#found();
    if (problem !== undefined) return done(problem);
    if (this.#last !== undefined) this.push(this.#last);
    this.#last = chunk;
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#reader.end();
    const { decodedLength } = this.#form;
    if (!this.#reader.ended || (decodedLength !== undefined && decodedLength !== this.#length))
      this.#problem ??= { kind: "incomplete-chunks" };
    this.#checkTrailers();
    const problem = this.#found();
    if (problem !== undefined) return done(problem);
    if (this.#last !== undefined) this.push(this.#last);
    done();
  }

  #found(): SignatureProblem | undefined {
    const text = this.#reader.problem;
    if (text !== undefined) this.#problem ??= { kind: "malformed-chunks", text };
    return this.#problem === undefined ? undefined : new SignatureProblem(this.#problem);
  }

  #checkChunk(): void {
    const expected = this.#signer.chunk(this.#hash.digest("hex"));
    this.#hash = createHash("sha256");
    if (!sameSignature(expected, this.#claimed)) this.#problem ??= { kind: "wrong-chunk" };
  }

  #checkTrailers(): void {
    const { trailers } = this.#reader;
    if (!this.#form.trailers) {
      if (trailers.size > 0) this.#problem ??= { kind: "malformed-chunks", text: "trailers that were not announced" };
      return;
    }
    const expected = this.#signer.trailer(signedTrailers(trailers));
    if (!sameSignature(expected, trailers.get(TRAILER_SIGNATURE) ?? "")) this.#problem ??= { kind: "wrong-chunk" };
  }
}

/** The trailers that a signature covers: all but itself. */
export function signedTrailers(trailers: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...trailers].filter(([name]) => name !== TRAILER_SIGNATURE);
}

/** Compares in a time that does not tell where they differ. */
export function sameSignature(expected: string, claimed: string): boolean {
  const ours = Buffer.from(expected, "latin1");
  const theirs = Buffer.from(claimed.toLowerCase(), "latin1");
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
}
