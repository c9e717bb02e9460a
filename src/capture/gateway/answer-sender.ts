import type { ServerResponse } from "node:http";

/** The client left, or takes nothing any more. */
export class ClientGone extends Error {
  override name = "ClientGone";
}

/** Writes one answer to the client, no faster than the client takes it. */
export class AnswerSender {
  readonly #response: ServerResponse;
  readonly #gone: AbortSignal;
  readonly #stallTimeout: number;

  /**
   * @param gone aborts when the client's connection closes.
   * @param stallTimeout longest wait for a client that does not read, in milliseconds.
   */
  constructor(response: ServerResponse, gone: AbortSignal, stallTimeout: number) {
    this.#response = response;
    this.#gone = gone;
    this.#stallTimeout = stallTimeout;
  }

  get started(): boolean {
    return this.#response.headersSent;
  }

  /** Throws for lines that no HTTP message may have; nothing is sent then. */
  head(status: number, statusText: string | undefined, lines: readonly string[]): void {
    if (statusText === undefined) this.#response.writeHead(status, [...lines]);
    else this.#response.writeHead(status, statusText, [...lines]);
  }

  async chunk(bytes: Uint8Array): Promise<void> {
    if (this.#gone.aborted) throw new ClientGone("the client went away");
    if (!this.#response.write(bytes)) await this.#until("drain");
  }

  /** Ends the message and waits until the system has taken its last byte. A client that leaves now has had its answer. */
  async end(last?: Uint8Array): Promise<void> {
    if (this.#gone.aborted) return;
    if (last === undefined) this.#response.end();
    else this.#response.end(last);
    if (!this.#response.writableFinished) await this.#until("finish").catch(() => this.cut());
  }

  /** Closes the connection in the middle of the message, so that the client cannot take it for whole. */
  cut(): void {
    this.#response.destroy();
    this.#response.req.socket.destroy();
  }

  async #until(event: "drain" | "finish"): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onGone = (): void => reject(new ClientGone("the client went away"));
    const timer = setTimeout(() => reject(new ClientGone("the client stopped reading")), this.#stallTimeout);
    this.#response.once(event, resolve);
    this.#gone.addEventListener("abort", onGone, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#response.off(event, resolve);
      this.#gone.removeEventListener("abort", onGone);
    }
  }
}
