import { createHash } from "node:crypto";
import type { Readable, TransformCallback } from "node:stream";
import { BodyStage } from "./body-stage.ts";
import { SignatureProblem } from "./signature-problem.ts";

/**
 * Lets a body pass whose hash was signed. Its last piece waits until the hash of all is known, so that nobody can take a
 * body for whole that is another one. Fails with `SignatureProblem`.
 */
export class CheckedBody extends BodyStage {
  readonly #claimed: string;
  readonly #hash = createHash("sha256");
  #last: Uint8Array | undefined;

  /** @param claimed SHA-256 of the body, hex. */
  constructor(body: Readable, claimed: string) {
    super(body);
    this.#claimed = claimed.toLowerCase();
  }

  override _transform(chunk: Uint8Array, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk);
    if (this.#last !== undefined) this.push(this.#last);
    this.#last = chunk;
    done();
  }

  override _flush(done: TransformCallback): void {
    const computed = this.#hash.digest("hex");
    if (computed !== this.#claimed) {
      done(new SignatureProblem({ kind: "wrong-body", claimed: this.#claimed, computed }));
      return;
    }
    if (this.#last !== undefined) this.push(this.#last);
    done();
  }
}
