import type { Readable } from "node:stream";
import { BodyCapture } from "./body-capture.ts";
import { isReclaiming, type ReclaimingBody } from "./reclaiming-body.ts";

/** An answer's body on its way to the client: counted, and its beginning captured where the record needs it. */
export class AnswerBody {
  readonly #source: Readable | Uint8Array | undefined;
  readonly #reclaiming: ReclaimingBody | undefined;
  readonly #capture: BodyCapture | undefined;
  #bytes = 0;

  /** @param cap bytes to capture; undefined where the body is only counted. */
  constructor(source: Readable | Uint8Array | undefined, cap: number | undefined) {
    this.#source = source;
    this.#capture = cap === undefined ? undefined : new BodyCapture(cap, isReclaiming(source));
    this.#reclaiming = isReclaiming(source) ? source : undefined;
  }

  /** Octets that came. */
  get bytes(): number {
    return this.#bytes;
  }

  get captured(): Uint8Array | undefined {
    return this.#capture?.bytes();
  }

  get truncated(): boolean {
    return this.#capture?.truncated ?? false;
  }

  /** All chunks, where there is nothing to wait for; undefined for a stream. */
  whole(): readonly Uint8Array[] | undefined {
    if (this.#source === undefined) return [];
    if (!(this.#source instanceof Uint8Array)) return undefined;
    return this.#source.length > 0 ? [this.#seen(this.#source)] : [];
  }

  /** Chunks as they come, none of them empty. Throws what breaks the source; leaving the loop destroys it. */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#source === undefined || this.#source instanceof Uint8Array) return void (yield* this.whole() ?? []);
    for await (const chunk of this.#source as AsyncIterable<Uint8Array>) {
      if (chunk.length > 0) yield this.#seen(chunk);
    }
  }

  /** What is to be called when nobody will look at the octets of a chunk again, and only then; undefined where nobody needs to know. */
  whenSpent(chunk: Uint8Array): (() => void) | undefined {
    const source = this.#reclaiming;
    return source === undefined ? undefined : () => source.spent(chunk);
  }

  /** Releases a source that nobody will read. */
  drop(): void {
    if (this.#source === undefined || this.#source instanceof Uint8Array) return;
    this.#source.on("error", () => {});
    this.#source.destroy();
  }

  #seen(chunk: Uint8Array): Uint8Array {
    this.#bytes += chunk.length;
    this.#capture?.push(chunk);
    return chunk;
  }
}
