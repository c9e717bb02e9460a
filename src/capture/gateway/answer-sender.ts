import type { ClientPresence } from "./client-presence.ts";
import type { ClientAnswer } from "./downstream/client-answer.ts";

/** The client left, or takes nothing any more. */
export class ClientGone extends Error {
  override name = "ClientGone";
}

/** Octets that may wait for a client before the endpoint has to wait too. */
const AHEAD_MAX = 256 * 1024;

/** Writes one answer to the client, no faster than the client takes it. */
export class AnswerSender {
  readonly #answer: ClientAnswer;
  readonly #client: ClientPresence;
  readonly #stallTimeout: number;

  /** @param stallTimeout longest wait for a client that does not read, in milliseconds. */
  constructor(answer: ClientAnswer, client: ClientPresence, stallTimeout: number) {
    this.#answer = answer;
    this.#client = client;
    this.#stallTimeout = stallTimeout;
  }

  get started(): boolean {
    return this.#answer.started;
  }

  /** Throws for lines that no HTTP message may have; nothing is sent then. */
  head(status: number, statusText: string | undefined, lines: readonly string[]): void {
    this.#answer.head(status, statusText, lines);
  }

  /** Sends the head at once, whenever the body will begin. */
  flush(): void {
    this.#answer.flush();
  }

  /** @param onSent called when the system has taken all of it, and never where it does not. */
  async chunk(bytes: Uint8Array, onSent?: () => void): Promise<void> {
    if (this.#client.gone) throw new ClientGone("the client went away");
    this.#answer.write(bytes, onSent === undefined ? undefined : unlessFailed(onSent));
    if (this.#answer.waiting > AHEAD_MAX) await this.#until((listener) => this.#answer.socket.once("drain", listener));
  }

  /** Ends the message and waits until the system has taken its last byte. A client that leaves now has had its answer. */
  async end(last?: Uint8Array, onSent?: () => void): Promise<void> {
    if (this.#client.gone) return;
    let written: (() => void) | undefined;
    let sent = false;
    this.#answer.end(last, (error) => {
      sent = error === undefined || error === null;
      if (sent) written?.();
    });
    if (!sent && this.#answer.waiting > 0) {
      try {
        await this.#until((listener) => (written = listener));
      } catch {
        return this.cut();
      }
    }
    onSent?.();
  }

  /** Closes the connection in the middle of the message, so that the client cannot take it for whole. */
  cut(): void {
    this.#answer.cut();
  }

  async #until(register: (listener: () => void) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const forget = this.#client.whenGone(() => reject(new ClientGone("the client went away")));
    const timer = setTimeout(() => reject(new ClientGone("the client stopped reading")), this.#stallTimeout);
    register(resolve);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      forget();
    }
  }
}

function unlessFailed(listener: () => void): (error?: Error | null) => void {
  return (error) => {
    if (error === undefined || error === null) listener();
  };
}
