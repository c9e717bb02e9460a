import { isReadOnly } from "../../../aws/catalogue/facts/read-only.ts";
import type { Bagged } from "../../../base/bag.ts";
import { EndpointFailure, type EndpointRequest, type EndpointResponse } from "../../../aws/endpoint.ts";
import type { AnswerSink } from "./answer-reader.ts";
import { ReadMemory } from "./read-memory.ts";
import { UpstreamBody } from "./upstream-body.ts";
import { failureOf } from "./upstream-failure.ts";
import type { WireHead } from "./wire-head.ts";
import type { WireRequest } from "./wire-request.ts";

/** Octets up to which an answer of known length is handed over whole rather than as a stream. */
const WHOLE_MAX = 64 * 1024;

export interface UpstreamTimeouts {
  /** Milliseconds from the last byte of the request that was passed on to the head of its answer. */
  readonly head: number;
  /** Milliseconds between two pieces of the answer's body, not counting those in which nobody reads. */
  readonly body: number;
}

/** What a call may ask of the connection that carries it. */
export interface Carrier {
  pause(): void;
  resume(): void;
  /** Closes the connection: the call is over, one way or the other. */
  abandon(): void;
}

/** One request and what comes of it: waits for a connection, then for its answer. */
export class UpstreamCall implements AnswerSink, Bagged {
  place = -1;
  readonly request: EndpointRequest;
  readonly wire: WireRequest;
  readonly response: Promise<EndpointResponse>;
  /** `performance.now()` at which patience ends. */
  deadline: number;
  /** Called once, when the answer is handed over or will never be. */
  onAnswer: (() => void) | undefined;
  /** Called once, when the call needs nothing any more. */
  onSettled: (() => void) | undefined;
  readonly #timeouts: UpstreamTimeouts;
  #resolve: (response: EndpointResponse) => void = () => {};
  #reject: (failure: EndpointFailure) => void = () => {};
  #carrier: Carrier | undefined;
  #head: WireHead | undefined;
  #answered = false;
  #repeated = false;
  #failure: EndpointFailure | undefined;
  #pieces: Buffer[] = [];
  #gathered = 0;
  #body: UpstreamBody | undefined;
  #memory: ReadMemory | undefined;
  #ended = false;

  constructor(request: EndpointRequest, wire: WireRequest, timeouts: UpstreamTimeouts, now: number) {
    this.request = request;
    this.wire = wire;
    this.#timeouts = timeouts;
    this.deadline = now + timeouts.head;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /**
   * It may be sent once more where a kept connection closes before a word of its answer, as one does that was idle for too long:
   * it changes nothing, and its body is still here. Anything else is the client's to repeat.
   */
  get repeatable(): boolean {
    const { body, context } = this.request;
    const { operation, serviceId, operationName } = context;
    if (this.#repeated || operation === undefined || !(body === undefined || body instanceof Uint8Array)) return false;
    return isReadOnly({ serviceId, operationName, accessLevel: operation.accessLevel, known: true });
  }

  /** It is sent once more. */
  repeat(): void {
    this.#repeated = true;
    this.#carrier = undefined;
  }

  /** Whether it ended in a failure. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Where octets of the answer are best read to; undefined for one that does not flow, of which they are copied. */
  get memory(): ReadMemory | undefined {
    return this.#memory;
  }

  carriedBy(carrier: Carrier): void {
    this.#carrier = carrier;
  }

  /** The request moves. */
  progress(): void {
    if (this.#head === undefined) this.deadline = performance.now() + this.#timeouts.head;
  }

  /** Patience is over. */
  expire(): void {
    const text =
      this.#head === undefined ? `no answer for ${this.#timeouts.head} ms` : `no byte of the body for ${this.#timeouts.body} ms`;
    this.fail(new EndpointFailure("timeout", text));
  }

  /** Ends the call, wherever it is; the connection that carries it is closed. */
  fail(failure: EndpointFailure): void {
    if (this.#failure !== undefined || this.#ended) return;
    this.#failure = failure;
    this.#reject(failure);
    this.onAnswer?.();
    this.#body?.destroy(failure);
    this.#carrier?.abandon();
    this.#settle();
  }

  head(head: WireHead): void {
    this.#head = head;
    this.deadline = performance.now() + this.#timeouts.body;
  }

  piece(bytes: Buffer): void {
    if (this.#failure !== undefined) return;
    this.deadline = performance.now() + this.#timeouts.body;
    if (this.#body !== undefined) {
      if (this.#body.offer(this.#memory?.lend(bytes) ?? Buffer.from(bytes))) return;
      this.deadline = Infinity;
      this.#carrier?.pause();
    } else {
      this.#pieces.push(Buffer.from(bytes));
      this.#gathered += bytes.length;
    }
  }

  end(): void {
    if (this.#failure !== undefined) return;
    this.#ended = true;
    if (this.#body === undefined) this.#answer(this.#whole());
    else this.#body.complete();
    this.#settle();
  }

  /** All octets of one read have been seen: what is not complete yet, and not about to be, begins to flow. */
  turn(): void {
    const head = this.#head;
    if (head === undefined || this.#answered || this.#ended || this.#failure !== undefined) return;
    if (head.length > 0 && head.length <= WHOLE_MAX) return;
    const memory = (this.#memory = new ReadMemory());
    const body = (this.#body = new UpstreamBody({
      onWanted: () => {
        this.deadline = performance.now() + this.#timeouts.body;
        this.#carrier?.resume();
      },
      onAbandoned: (reason) => this.fail(failureOf(reason, true)),
      onSpent: (chunk) => memory.spent(chunk),
    }));
    for (const piece of this.#pieces) body.offer(piece);
    this.#pieces = [];
    this.#answer(body);
  }

  #whole(): Uint8Array | undefined {
    const [first] = this.#pieces;
    if (this.#head?.length === 0 || first === undefined) return undefined;
    return this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces, this.#gathered);
  }

  #answer(body: EndpointResponse["body"]): void {
    const head = this.#head;
    if (head === undefined) return;
    this.#answered = true;
    this.onAnswer?.();
    const { status, statusText, lines } = head;
    this.#resolve({ status, ...(statusText === "" ? {} : { statusText }), headers: lines, body });
  }

  #settle(): void {
    const settled = this.onSettled;
    this.onSettled = undefined;
    settled?.();
  }
}
