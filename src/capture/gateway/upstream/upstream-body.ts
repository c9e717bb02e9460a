import { Readable } from "node:stream";
import { EndpointFailure } from "../../../aws/endpoint.ts";
import type { ReclaimingBody } from "../reclaiming-body.ts";

/** Octets that are kept for a reader before the upstream is told to wait. */
const HIGH_WATER_MARK = 256 * 1024;

export interface UpstreamBodyEvents {
  /** The reader has taken what there was. */
  readonly onWanted: () => void;
  /** The reader wants no more of a body that is not complete. */
  readonly onAbandoned: (reason: Error) => void;
  /** See `ReclaimingBody`. */
  readonly onSpent: (chunk: Uint8Array) => void;
}

/**
 * The body of a long answer. Asks for more only while it is read. Chunks are handed out as they came: a stream of octets would
 * join those that wait, which is a copy of each.
 */
export class UpstreamBody extends Readable implements ReclaimingBody {
  readonly #events: UpstreamBodyEvents;
  readonly #waiting: Buffer[] = [];
  #octets = 0;
  #asked = false;
  #complete = false;

  constructor(events: UpstreamBodyEvents) {
    super({ objectMode: true, highWaterMark: 1 });
    this.#events = events;
    // Whoever reads has listeners of their own; a failure after that must not bring the process down.
    this.on("error", () => {});
  }

  /** Gives false where the upstream has to wait. */
  offer(chunk: Buffer): boolean {
    this.#waiting.push(chunk);
    this.#octets += chunk.length;
    this.#hand();
    return this.#octets < HIGH_WATER_MARK;
  }

  complete(): void {
    this.#complete = true;
    this.#hand();
  }

  spent(chunk: Uint8Array): void {
    this.#events.onSpent(chunk);
  }

  override _read(): void {
    this.#asked = true;
    this.#hand();
    if (!this.#complete && this.#octets < HIGH_WATER_MARK) this.#events.onWanted();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#complete) this.#events.onAbandoned(error ?? new EndpointFailure("aborted", "the answer was not read to its end"));
    callback(error);
  }

  #hand(): void {
    if (!this.#asked) return;
    const chunk = this.#waiting.shift();
    if (chunk === undefined && !this.#complete) return;
    this.#asked = false;
    this.#octets -= chunk?.length ?? 0;
    this.push(chunk ?? null);
  }
}
