import type { Socket } from "node:net";
import { EndpointFailure } from "../../aws/endpoint.ts";

/**
 * Whether the client is still there. In place of an AbortController, which costs several microseconds a call for an event
 * that nearly never comes; a real signal is made for those who ask for one.
 */
export class ClientPresence {
  readonly #socket: Socket;
  readonly #onClose = (): void => this.#leave();
  readonly #listeners = new Set<(reason: EndpointFailure) => void>();
  #controller: AbortController | undefined;
  #reason: EndpointFailure | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    if (socket.destroyed) this.#leave();
    else socket.once("close", this.#onClose);
  }

  get gone(): boolean {
    return this.#reason !== undefined;
  }

  /** Set when the client has gone. */
  get reason(): EndpointFailure | undefined {
    return this.#reason;
  }

  /** Aborts with `reason`. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Calls `listener` when the client goes, at once where it has gone. Gives what takes it back. */
  whenGone(listener: (reason: EndpointFailure) => void): () => void {
    if (this.#reason !== undefined) {
      listener(this.#reason);
      return () => {};
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The call is over: nobody is told of anything any more. */
  release(): void {
    this.#socket.off("close", this.#onClose);
    this.#listeners.clear();
  }

  #leave(): void {
    const reason = (this.#reason = new EndpointFailure("aborted", "the client went away"));
    this.#controller?.abort(reason);
    for (const listener of this.#listeners) listener(reason);
    this.#listeners.clear();
  }
}
