import type { Socket } from "node:net";
import type { GatewayLimits } from "../gateway-options.ts";
import { ArrivingBody } from "./arriving-body.ts";
import { BrokenRequest } from "./broken-request.ts";
import { ClientAnswer } from "./client-answer.ts";
import { HeadGatherer } from "./head-gatherer.ts";
import { PieceQueue } from "./piece-queue.ts";
import { readRequestWireHead, type RequestWireHead } from "./request-wire-head.ts";

/** A request whose head is complete. */
export interface ArrivedRequest {
  readonly head: RequestWireHead;
  readonly body: ArrivingBody | undefined;
  readonly answer: ClientAnswer;
  readonly socket: Socket;
}

export interface ConnectionHost {
  readonly limits: Pick<GatewayLimits, "requestHead" | "headTimeout" | "keepAlive" | "halfClosedTimeout" | "answerStallTimeout">;
  /** Resolves when the request's answer is written or cut. MUST NOT reject. */
  answer(request: ArrivedRequest): Promise<void>;
  /** What came was no HTTP. */
  refused(error: BrokenRequest): void;
  closed(connection: ClientConnection): void;
}

/** Octets of further requests that are read while one is answered. */
const AHEAD_MAX = 64 * 1024;
/** Milliseconds for the rest of a body whose answer is out. */
const DISCARD_TIMEOUT = 10_000;
/**
 * Milliseconds for a client to close its half, too. Were the connection closed at once, what the client still sends would reset it, and the
 * answer might be lost with that (RFC 9112, 9.6).
 */
const LINGER = 5_000;

/**
 * A client's connection (HTTP/1.1 or 1.0), over TLS or not. Its requests are answered one after the other, in the order in which they came:
 * a server may only handle those at once that change nothing (RFC 9112, 9.3.2). While one is answered, little more is read.
 */
export class ClientConnection {
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #gatherer: HeadGatherer;
  /**
   * `idle`: nothing of a request is there. `head`: part of one. `call`: a request is answered. `rest`: it is, but its body has
   * not ended. `closing`: what still comes is of no use.
   */
  #phase: "idle" | "head" | "call" | "rest" | "closing" = "idle";
  /** `performance.now()` at which patience ends. */
  #deadline: number;
  #answer: ClientAnswer | undefined;
  #body: ArrivingBody | undefined;
  readonly #ahead = new PieceQueue();
  #paused = false;
  #halfClosed = false;
  /** The body that came was none: where the next request would begin, nobody knows. */
  #broken = false;
  #finishing = false;

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.#gatherer = new HeadGatherer(host.limits.requestHead);
    this.#deadline = performance.now() + host.limits.headTimeout;
    socket.on("data", (bytes: Buffer) => this.#onData(bytes));
    socket.on("end", () => this.#onEnd());
    // It closes, which says all that there is to say.
    socket.on("error", () => {});
    socket.once("close", () => {
      this.#body?.breakOff();
      host.closed(this);
    });
  }

  /** Closes the connection if it has been waited upon for too long. @param now `performance.now()`. */
  expire(now: number): void {
    if (now < this.#deadline) return;
    if (this.#phase === "head") this.#refuse(new BrokenRequest("no head in time", 408));
    else this.#socket.destroy();
  }

  /** Ends the connection with the answer that is under way, or at once. */
  finish(): void {
    this.#finishing = true;
    this.#answer?.endConnection();
    if (this.#phase === "idle" || this.#phase === "head") this.#close();
    else if (this.#phase !== "call") this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #onData(bytes: Buffer): void {
    if (this.#phase === "closing" || this.#broken) return;
    if (this.#phase === "idle" || this.#phase === "head") return this.#readHead(bytes);
    let at = 0;
    if (this.#body?.complete === false) {
      at = this.#takeBody(this.#body, bytes, 0);
      if (at === -1) return;
    }
    this.#keepAhead(bytes, at);
    if (this.#phase === "rest" && this.#body?.complete === true) this.#next();
  }

  #readHead(bytes: Buffer): void {
    let head: RequestWireHead;
    let behind: number;
    try {
      const gathered = this.#gatherer.take(bytes, 0);
      if (gathered === undefined) {
        if (this.#gatherer.begun && this.#phase === "idle") {
          this.#phase = "head";
          this.#deadline = performance.now() + this.#host.limits.headTimeout;
        }
        return;
      }
      head = readRequestWireHead(gathered.text);
      behind = gathered.behind;
    } catch (error) {
      if (!(error instanceof BrokenRequest)) throw error;
      return this.#refuse(error);
    }
    this.#phase = "call";
    this.#deadline = Infinity;
    const answer = (this.#answer = new ClientAnswer(this.#socket, head, this.#host.limits.keepAlive));
    if (this.#finishing) answer.endConnection();
    const body = (this.#body = head.length === 0 ? undefined : new ArrivingBody(head.length, () => this.#regulate()));
    const at = body === undefined ? behind : this.#takeBody(body, bytes, behind);
    if (at !== -1) this.#keepAhead(bytes, at);
    void this.#host.answer({ head, body, answer, socket: this.#socket }).then(() => this.#finishCall(answer));
  }

  /** Gives the offset behind what belongs to the body, -1 where what came was none. */
  #takeBody(body: ArrivingBody, bytes: Buffer, from: number): number {
    try {
      const at = body.take(bytes, from);
      this.#regulate();
      return at;
    } catch (error) {
      if (!(error instanceof BrokenRequest)) throw error;
      this.#broken = true;
      this.#host.refused(error);
      body.breakOff();
      if (this.#phase === "rest") this.#socket.destroy();
      return -1;
    }
  }

  #finishCall(answer: ClientAnswer): void {
    this.#answer = undefined;
    if (this.#socket.destroyed) return;
    if (answer.ended && this.#socket.writableNeedDrain) {
      // Short answers do not wait for their client: were its requests taken without end, it need only not read to fill the memory.
      this.#deadline = performance.now() + this.#host.limits.answerStallTimeout;
      this.#socket.once("drain", () => this.#goOn(answer));
    } else this.#goOn(answer);
  }

  #goOn(answer: ClientAnswer): void {
    if (this.#socket.destroyed) return;
    if (!answer.ended) this.#socket.destroy();
    else if (answer.last || this.#broken || this.#finishing || this.#body?.gone === true) this.#close();
    else if (this.#body?.complete === false) {
      this.#phase = "rest";
      this.#deadline = performance.now() + DISCARD_TIMEOUT;
      this.#body.discard();
    } else this.#next();
  }

  #next(): void {
    const { limits } = this.#host;
    this.#phase = "idle";
    this.#body = undefined;
    this.#deadline = performance.now() + limits.keepAlive;
    if (this.#ahead.octets > 0) this.#readHead(this.#ahead.takeAll());
    this.#regulate();
    if (this.#halfClosed) this.#endAfterHalf();
  }

  #keepAhead(bytes: Buffer, from: number): void {
    if (from === bytes.length) return;
    this.#ahead.push(from === 0 ? bytes : bytes.subarray(from));
    this.#regulate();
  }

  /** Reads no more than there is use for. */
  #regulate(): void {
    const full = this.#ahead.octets >= AHEAD_MAX || this.#body?.held === true;
    if (full === this.#paused || this.#phase === "closing") return;
    this.#paused = full;
    if (full) this.#socket.pause();
    else this.#socket.resume();
  }

  /** The client sends no more, but may still wait for answers; one that has gone altogether looks the same until something is written. */
  #onEnd(): void {
    this.#halfClosed = true;
    if (this.#phase === "rest" || this.#phase === "closing") this.#socket.destroySoon();
    else this.#endAfterHalf();
  }

  #endAfterHalf(): void {
    if (this.#phase === "idle") this.#close();
    else if (this.#phase === "head") this.#refuse(new BrokenRequest("a head that breaks off"));
    else if (this.#phase === "call") {
      this.#deadline = performance.now() + this.#host.limits.halfClosedTimeout;
      this.#body?.breakOff();
    }
  }

  #refuse(error: BrokenRequest): void {
    this.#host.refused(error);
    const text = `${error.message}\n`;
    const lines = `Content-Type: text/plain\r\nContent-Length: ${text.length}\r\nConnection: close\r\n`;
    const reason = { 400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large" }[error.status];
    if (this.#socket.writable) this.#socket.write(`HTTP/1.1 ${error.status} ${reason}\r\n${lines}\r\n${text}`, "latin1");
    this.#close();
  }

  #close(): void {
    this.#phase = "closing";
    this.#deadline = performance.now() + LINGER;
    this.#ahead.clear();
    if (this.#halfClosed || this.#finishing) this.#socket.destroySoon();
    else {
      this.#socket.end();
      this.#socket.resume();
    }
  }
}
