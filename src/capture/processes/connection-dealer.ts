import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** Somebody who takes connections. */
export interface ConnectionTaker {
  /** How many it has, as far as is known. */
  readonly connections: number;
  take(socket: Socket): void;
}

export interface ConnectionDealerOptions {
  readonly host: string;
  readonly port: number;
  /** Connections that wait while there is nobody to take them; more are closed. */
  readonly waiting: number;
}

/**
 * Accepts connections, and deals each to the taker that has the fewest. Clients of AWS keep theirs: were they left to whoever
 * is quickest to accept, one process would have nearly all of them. Nothing is read here. The address is held as long as the
 * dealer is open, whatever becomes of the takers.
 */
export class ConnectionDealer {
  readonly #options: ConnectionDealerOptions;
  readonly #server: Server;
  readonly #takers = new Set<ConnectionTaker>();
  readonly #waiting = new Set<Socket>();
  #closed = false;

  constructor(options: ConnectionDealerOptions) {
    this.#options = options;
    this.#server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (socket) => this.deal(socket));
  }

  /** Rejects with the system's error where the address cannot be had. */
  async listen(): Promise<void> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  /** Whoever has the server's errors from `listen` on. */
  onError(listener: (error: Error) => void): void {
    this.#server.on("error", listener);
  }

  add(taker: ConnectionTaker): void {
    this.#takers.add(taker);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const socket of waiting) this.deal(socket);
  }

  remove(taker: ConnectionTaker): void {
    this.#takers.delete(taker);
  }

  /** Accepts nothing more. */
  close(): void {
    this.#closed = true;
    // It would wait for connections that are not here any more.
    this.#server.close();
    for (const socket of this.#waiting) socket.destroy();
    this.#waiting.clear();
  }

  /** Also for one that a taker did not get any more. */
  deal(socket: Socket): void {
    let fewest: ConnectionTaker | undefined;
    for (const taker of this.#takers) if (fewest === undefined || taker.connections < fewest.connections) fewest = taker;
    if (this.#closed) socket.destroy();
    else if (fewest !== undefined) fewest.take(socket);
    else if (this.#waiting.size >= this.#options.waiting) socket.destroy();
    else {
      this.#waiting.add(socket);
      socket.on("error", () => socket.destroy());
      socket.once("close", () => this.#waiting.delete(socket));
    }
  }
}
