import { Readable } from "node:stream";
import { EndpointFailure } from "../../../aws/endpoint.ts";

/** Octets that are kept for a reader before the upstream is told to wait. */
const HIGH_WATER_MARK = 256 * 1024;

export interface UpstreamBodyEvents {
  /** The reader has taken what there was. */
  readonly onWanted: () => void;
  /** The reader wants no more of a body that is not complete. */
  readonly onAbandoned: (reason: Error) => void;
}

/** The body of a long answer. Asks for more only while it is read. */
export class UpstreamBody extends Readable {
  readonly #events: UpstreamBodyEvents;
  #complete = false;

  constructor(events: UpstreamBodyEvents) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.#events = events;
    // Whoever reads has listeners of their own; a failure after that must not bring the process down.
    this.on("error", () => {});
  }

  complete(): void {
    this.#complete = true;
    this.push(null);
  }

  override _read(): void {
    if (!this.#complete) this.#events.onWanted();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#complete) this.#events.onAbandoned(error ?? new EndpointFailure("aborted", "the answer was not read to its end"));
    callback(error);
  }
}
