import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** A request that waits for its turn. */
export interface QueuedRequest {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** Answers it. MUST resolve when the answer is out or the connection closed, and MUST NOT reject. */
  readonly answer: () => Promise<void>;
}

export interface RequestQueueOptions {
  /** Requests that may wait behind the one that is being answered. */
  readonly most: number;
  /** Milliseconds that a client which has closed its half is still waited upon. */
  readonly halfClosedTimeout: number;
}

/**
 * The requests of one connection, answered one after the other in the order in which they came (RFC 9112, 9.3.2: a server may
 * only handle those at once that change nothing). While one waits, nothing more is read.
 */
export class RequestQueue {
  readonly #socket: Socket;
  readonly #most: number;
  readonly #waiting: QueuedRequest[] = [];
  #current: QueuedRequest | undefined;
  #atEnd: (() => void) | undefined;
  #over = false;
  #halfClosed = false;

  constructor(socket: Socket, { most, halfClosedTimeout }: RequestQueueOptions) {
    this.#socket = socket;
    this.#most = most;
    // Node takes its own listener away where it hands a connection over (CONNECT); a failure must not bring the process down.
    socket.on("error", () => socket.destroy());
    // Behind its last request a client may close its half and wait. One that has gone altogether looks the same until something
    // is written to it.
    socket.once("end", () => {
      this.#halfClosed = true;
      this.#dropPart();
      const timer = setTimeout(() => socket.destroy(), halfClosedTimeout).unref();
      socket.once("close", () => clearTimeout(timer));
    });
  }

  /** Gives false where too many wait already: the connection MUST be closed then, since Node keeps each that it has read. */
  add(request: QueuedRequest): boolean {
    // What a connection brings behind its end was never received.
    if (this.#over || this.#atEnd !== undefined) return true;
    if (this.#current === undefined) {
      this.#start(request);
      return true;
    }
    if (this.#waiting.length >= this.#most) {
      this.#over = true;
      return false;
    }
    this.#waiting.push(request);
    this.#socket.pause();
    return true;
  }

  /** What comes now is not HTTP: answers what came before, then calls `end`. A request that is not whole is part of it. */
  breakOff(end: () => void): void {
    if (this.#atEnd !== undefined) return;
    this.#atEnd = end;
    this.#dropPart();
    if (this.#current === undefined) end();
  }

  /** Node has let go of the connection (CONNECT): what it did for the answer that is under way is to be done here. */
  handedOver(): void {
    this.#socket.on("drain", () => this.#current?.response.emit("drain"));
  }

  /** The answer that is under way is the connection's last. */
  finish(): void {
    this.#waiting.length = 0;
    this.#over = true;
    if (this.#current !== undefined) this.#current.response.shouldKeepAlive = false;
  }

  /** A request that the connection brings no more of. Node does not always say so (`Upgrade` before chunks that are none). */
  #dropPart(): void {
    const last = this.#waiting.at(-1);
    if (last !== undefined && !last.message.complete) this.#waiting.pop();
    if (this.#current?.message.complete === false) this.#current.message.destroy();
  }

  #start(request: QueuedRequest): void {
    this.#current = request;
    void request.answer().then(() => this.#next());
  }

  #next(): void {
    this.#current = undefined;
    // An answer that ended the connection was the last: what was sent behind it was never received.
    if (!this.#socket.writable) {
      this.#waiting.length = 0;
      this.#over = true;
      return;
    }
    const request = this.#waiting.shift();
    if (request !== undefined) this.#start(request);
    else if (this.#atEnd !== undefined) return this.#atEnd();
    else if (this.#halfClosed) this.#socket.end();
    if (this.#waiting.length === 0) this.#socket.resume();
  }
}
