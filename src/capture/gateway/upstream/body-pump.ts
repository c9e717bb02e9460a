import type { Readable } from "node:stream";
import type { Socket } from "node:net";
import { isReclaiming, type ReclaimingBody } from "../reclaiming-body.ts";
import type { WireRequest } from "./wire-request.ts";

export interface BodyPumpEvents {
  /** Octets are with the upstream's socket. */
  readonly onProgress: () => void;
  readonly onEnd: () => void;
  /** The body broke off, or is not as long as was announced: the connection is of no more use. */
  readonly onBroken: (error: Error) => void;
}

/** Octets that may wait for the upstream before the body has to wait too. */
const AHEAD_MAX = 128 * 1024;

/** Carries a request's body to the upstream, no faster than it takes it. */
export class BodyPump {
  readonly #body: Readable;
  readonly #reclaiming: ReclaimingBody | undefined;
  readonly #socket: Socket;
  readonly #chunked: boolean;
  readonly #events: BodyPumpEvents;
  #left: number;
  #stopped = false;

  constructor(body: Readable, socket: Socket, { framing, length }: WireRequest, events: BodyPumpEvents) {
    this.#body = body;
    this.#reclaiming = isReclaiming(body) ? body : undefined;
    this.#socket = socket;
    this.#chunked = framing === "chunked";
    this.#left = this.#chunked ? Infinity : length;
    this.#events = events;
  }

  start(): void {
    this.#socket.on("drain", this.#onDrain);
    this.#body.on("end", this.#onEnd).on("error", this.#onError).on("close", this.#onClose);
    if (this.#body.destroyed && !this.#body.readableEnded) this.#onClose();
    else this.#body.on("data", this.#onData);
  }

  /** Leaves the body where it is. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#socket.off("drain", this.#onDrain);
    this.#body.off("data", this.#onData).off("end", this.#onEnd).off("error", this.#onError).off("close", this.#onClose);
    this.#body.pause();
  }

  readonly #onData = (chunk: Uint8Array): void => {
    if (chunk.length === 0) return;
    this.#left -= chunk.length;
    if (this.#left < 0) return this.#break(new Error("the request's body is longer than was announced"));
    this.#events.onProgress();
    // `write` says false of every large chunk, also of one that the system took at once.
    if (!this.#write(chunk) && this.#socket.writableLength > AHEAD_MAX) this.#body.pause();
  };

  #write(chunk: Uint8Array): boolean {
    const body = this.#reclaiming;
    const onWritten = (error?: Error | null): void => {
      if (error === undefined || error === null) body?.spent(chunk);
    };
    if (!this.#chunked) return this.#socket.write(chunk, onWritten);
    this.#socket.cork();
    this.#socket.write(`${chunk.length.toString(16)}\r\n`, "latin1");
    this.#socket.write(chunk);
    const more = this.#socket.write("\r\n", "latin1", onWritten);
    this.#socket.uncork();
    return more;
  }

  readonly #onDrain = (): void => {
    // What was written is gone only now: an upstream that takes it slowly is not an idle one.
    this.#events.onProgress();
    this.#body.resume();
  };

  readonly #onEnd = (): void => {
    if (!this.#chunked && this.#left > 0) return this.#break(new Error("the request's body is shorter than was announced"));
    this.stop();
    if (this.#chunked) this.#socket.write("0\r\n\r\n", "latin1");
    this.#events.onEnd();
  };

  readonly #onError = (error: Error): void => this.#break(error);

  readonly #onClose = (): void => this.#break(this.#body.errored ?? new Error("the request's body broke off"));

  #break(error: Error): void {
    this.stop();
    this.#events.onBroken(error);
  }
}
