import { Readable } from "node:stream";
import type { ArrivingBody, BodySink } from "./downstream/arriving-body.ts";
import type { ReclaimingBody } from "./reclaiming-body.ts";

export interface RequestBodyOptions {
  /** Called before the first byte is asked for: the moment for `100 Continue`. */
  readonly onFirstRead: () => void;
  /** Longest wait for the client's next bytes, in milliseconds. */
  readonly idleTimeout: number;
}

/** Why a body ended early. */
export class RequestBodyFailure extends Error {
  readonly reason: "client-gone" | "idle";

  constructor(reason: RequestBodyFailure["reason"]) {
    super(
      reason === "idle"
        ? "the client stopped sending the request's body"
        : "the client went away while sending the request's body",
    );
    this.name = "RequestBodyFailure";
    this.reason = reason;
  }
}

/** Octets from which on a chunk is worth freeing; it has its memory for itself. */
const FREED_LEAST = 16 * 1024;

/**
 * The client's body on its way to the endpoint: counted, shown to a tap, and never read faster than the endpoint takes it.
 * Reading begins when the endpoint asks, so a client that waits for `100 Continue` is told to go on only then.
 */
export class RequestBody extends Readable implements ReclaimingBody, BodySink {
  readonly #source: ArrivingBody;
  readonly #options: RequestBodyOptions;
  #idle: NodeJS.Timeout | undefined;
  #seen: Uint8Array[] | undefined = [];
  /** What came before anybody read the stream. */
  #ahead: Uint8Array[] | undefined = [];
  #taken = false;
  /** Somebody may still look at chunks that have gone to the endpoint. */
  #kept = true;
  #tap: ((chunk: Uint8Array) => void) | undefined;
  #started = false;
  #bytes = 0;
  #failure: RequestBodyFailure | undefined;
  #notify: (() => void) | undefined;

  constructor(source: ArrivingBody, options: RequestBodyOptions) {
    super();
    this.#source = source;
    this.#options = options;
    // An endpoint that is done with the request has no listener any more; the failure is read from `failure`.
    this.on("error", () => {});
  }

  /** Octets received, chunk framing of `aws-chunked` included. */
  get bytes(): number {
    return this.#bytes;
  }

  get failure(): RequestBodyFailure | undefined {
    return this.#failure;
  }

  /**
   * From here on `tap` sees every chunk, those already peeked at first. Without a tap nothing is kept.
   *
   * @param keeps the tap does not only look at chunks, but keeps them.
   */
  tapInto(tap: ((chunk: Uint8Array) => void) | undefined, keeps = true): void {
    this.#tap = tap;
    this.#kept = tap !== undefined && keeps;
    for (const chunk of this.#seen ?? []) tap?.(chunk);
    this.#seen = undefined;
  }

  /** The body's beginning: all of it, or at least `limit` bytes. What was peeked at is still there for the endpoint. */
  async peek(limit: number): Promise<Uint8Array> {
    this.#start();
    this.#resume();
    while (!this.#source.ended && this.#failure === undefined && this.#bytes < limit)
      await new Promise<void>((resolve) => (this.#notify = resolve));
    this.#pause();
    return Buffer.concat(this.#seen ?? []);
  }

  /**
   * The whole body in the stream's place, which MUST NOT be read then; undefined where not all of it has come yet, or somebody
   * reads the stream.
   */
  takeWhole(): Uint8Array | undefined {
    const ahead = this.#ahead;
    if (ahead === undefined || !this.#source.ended || this.#failure !== undefined) return undefined;
    this.#taken = true;
    const [only] = ahead;
    return ahead.length === 1 && only !== undefined ? only : Buffer.concat(ahead);
  }

  /** Frees a chunk at once: large ones would make the collector look through everything, over and over. */
  spent({ buffer, length }: Uint8Array): void {
    // Small ones are parts of memory that others use too.
    if (!this.#kept && length >= FREED_LEAST && length === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0);
  }

  /** Lets the rest of the body pass unread, so that the connection can serve another request. */
  discard(): void {
    // Taking a stream down that nobody ever read costs as much as all else that is done for a short body.
    const unread = this.#taken && this.listenerCount("close") === 0;
    if (unread) return;
    if (!this.destroyed) this.destroy();
  }

  override _read(): void {
    const ahead = this.#ahead;
    if (ahead !== undefined) {
      this.#ahead = undefined;
      for (const chunk of ahead) this.push(chunk);
      if (this.#source.ended) this.push(null);
    }
    this.#start();
    this.#resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#pause();
    this.#wake();
    callback(error);
  }

  /** Of the source. */
  data(chunk: Buffer): void {
    if (this.destroyed) return;
    this.#bytes += chunk.length;
    this.#idle?.refresh();
    this.#seen?.push(chunk);
    this.#tap?.(chunk);
    if (this.#ahead !== undefined) this.#ahead.push(chunk);
    else if (!this.push(chunk) && this.#notify === undefined) this.#pause();
    this.#wake();
  }

  /** Of the source. */
  end(): void {
    this.#disarm();
    if (this.#ahead === undefined) this.push(null);
    this.#wake();
  }

  /** Of the source. */
  gone(): void {
    this.#fail("client-gone");
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#options.onFirstRead();
    this.#source.attach(this);
    if (this.#source.gone) this.#fail("client-gone");
  }

  #resume(): void {
    if (this.#source.ended || this.destroyed) return;
    this.#source.flow();
    // Where the endpoint is slow already, it is not the client that keeps it waiting.
    if (this.#source.flowing && !this.#source.ended && !this.destroyed)
      this.#idle ??= setTimeout(() => this.#fail("idle"), this.#options.idleTimeout);
  }

  #pause(): void {
    this.#notify = undefined;
    this.#disarm();
    this.#source.hold();
  }

  #disarm(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
  }

  #wake(): void {
    const notify = this.#notify;
    this.#notify = undefined;
    notify?.();
  }

  #fail(reason: RequestBodyFailure["reason"]): void {
    if (this.destroyed || this.#failure !== undefined) return;
    this.#failure = new RequestBodyFailure(reason);
    this.#wake();
    this.destroy(this.#failure);
  }
}
