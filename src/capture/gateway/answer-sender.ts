import type { ServerResponse } from "node:http";
import type { ClientPresence } from "./client-presence.ts";

/** The client left, or takes nothing any more. */
export class ClientGone extends Error {
  override name = "ClientGone";
}

/** Octets up to which head and body go out as one piece of text. */
const JOINED_MAX = 8 * 1024;

/** Octets that may wait for a client before the endpoint has to wait too. */
const AHEAD_MAX = 256 * 1024;

/** Writes one answer to the client, no faster than the client takes it. */
export class AnswerSender {
  readonly #response: ServerResponse;
  readonly #client: ClientPresence;
  readonly #stallTimeout: number;

  /** @param stallTimeout longest wait for a client that does not read, in milliseconds. */
  constructor(response: ServerResponse, client: ClientPresence, stallTimeout: number) {
    this.#response = response;
    this.#client = client;
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

  /** @param onSent called when the system has taken all of it, and never where it does not. */
  async chunk(bytes: Uint8Array, onSent?: () => void): Promise<void> {
    if (this.#client.gone) throw new ClientGone("the client went away");
    // `write` says false of every large chunk, also of one that the system took at once.
    const written = onSent === undefined ? this.#response.write(bytes) : this.#response.write(bytes, unlessFailed(onSent));
    if (!written && this.#response.writableLength > AHEAD_MAX) await this.#until("drain");
  }

  /** Ends the message and waits until the system has taken its last byte. A client that leaves now has had its answer. */
  async end(last?: Uint8Array, onSent?: () => void): Promise<void> {
    if (this.#client.gone) return;
    const { socket } = this.#response;
    if (last === undefined) this.#response.end();
    else if (this.#response.writableLength > 0 || last.length > JOINED_MAX) this.#response.end(last);
    else this.#response.end(Buffer.from(last.buffer, last.byteOffset, last.byteLength).toString("latin1"), "latin1");
    if (!this.#response.writableFinished && socket?.writableLength !== 0) {
      try {
        await this.#until("finish");
      } catch {
        return this.cut();
      }
    }
    onSent?.();
  }

  /** Closes the connection in the middle of the message, so that the client cannot take it for whole. */
  cut(): void {
    this.#response.destroy();
    this.#response.req.socket.destroy();
  }

  async #until(event: "drain" | "finish"): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const forget = this.#client.whenGone(() => reject(new ClientGone("the client went away")));
    const timer = setTimeout(() => reject(new ClientGone("the client stopped reading")), this.#stallTimeout);
    this.#response.once(event, resolve);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#response.off(event, resolve);
      forget();
    }
  }
}

function unlessFailed(listener: () => void): (error?: Error | null) => void {
  return (error) => {
    if (error === undefined || error === null) listener();
  };
}
