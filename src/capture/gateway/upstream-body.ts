import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { EndpointFailure } from "../../aws/endpoint.ts";

/** The body of an upstream's answer. Asks for more only while it is read; destroying it aborts the request. */
export class UpstreamBody extends Readable {
  readonly #controller: Dispatcher.DispatchController;
  readonly #timeout: number;
  #idle: NodeJS.Timeout | undefined;
  #complete = false;

  /** @param timeout milliseconds between two pieces, not counting those in which nobody reads. */
  constructor(controller: Dispatcher.DispatchController, timeout: number) {
    super();
    this.#controller = controller;
    this.#timeout = timeout;
    // Whoever reads has listeners of their own; a failure after that must not bring the process down.
    this.on("error", () => {});
    this.#arm();
  }

  arrived(chunk: Uint8Array): void {
    this.#idle?.refresh();
    if (this.push(chunk)) return;
    this.#disarm();
    this.#controller.pause();
  }

  complete(): void {
    this.#complete = true;
    this.#disarm();
    this.push(null);
  }

  override _read(): void {
    if (this.#complete) return;
    this.#arm();
    this.#controller.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#disarm();
    if (!this.#complete) this.#controller.abort(error ?? new EndpointFailure("aborted", "the answer was not read to its end"));
    callback(error);
  }

  #arm(): void {
    this.#idle ??= setTimeout(() => {
      this.destroy(new EndpointFailure("timeout", `no byte of the body for ${this.#timeout} ms`));
    }, this.#timeout);
  }

  #disarm(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
  }
}
