import { type Readable, Transform, type TransformCallback } from "node:stream";

/**
 * A stage through which a body passes on its way to the endpoint. It begins to read when it is read, because the client may
 * wait to be asked for its body, and ends as its source ends.
 */
export abstract class BodyStage extends Transform {
  readonly #source: Readable;
  #begun = false;

  constructor(source: Readable) {
    super();
    this.#source = source;
  }

  override _read(size: number): void {
    if (!this.#begun) {
      this.#begun = true;
      this.#begin();
    }
    super._read(size);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#source.unpipe(this);
    done(error);
  }

  abstract override _transform(chunk: Uint8Array, encoding: BufferEncoding, done: TransformCallback): void;

  #begin(): void {
    const source = this.#source;
    const brokenOff = (): void => {
      if (!source.readableEnded) this.destroy(source.errored ?? new Error("the request's body broke off"));
    };
    if (source.destroyed) return brokenOff();
    source.once("error", brokenOff).once("close", brokenOff).pipe(this);
  }
}
