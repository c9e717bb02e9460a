import type { Duplex } from "node:stream";
import { type Frame, FrameChannel, FRAME_KIND } from "./frame-channel.ts";

export interface LinkHandlers {
  /** Answers a request; what it rejects with, the other side's request rejects with, as far as a message goes. */
  readonly onRequest: (topic: number, payload: Buffer) => Promise<Uint8Array | undefined>;
  readonly onNotice: (topic: number, payload: Buffer) => void;
  /** The other process is gone. Called before the requests that wait reject. */
  readonly onEnd: () => void;
  /** Called before anything is written. */
  readonly beforeWrite?: () => void;
}

/** The other process could not do what it was asked for, or is gone. */
export class LinkFailure extends Error {
  override name = "LinkFailure";
}

interface Waiting {
  readonly resolve: (payload: Buffer) => void;
  readonly reject: (error: LinkFailure) => void;
}

/** Requests with replies, and notices, in both directions between two processes that trust each other. */
export class ProcessLink {
  readonly #channel: FrameChannel;
  readonly #handlers: LinkHandlers;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(socket: Duplex, handlers: LinkHandlers) {
    this.#handlers = handlers;
    this.#channel = new FrameChannel(socket, {
      onFrame: (frame) => this.#take(frame),
      onEnd: () => this.#end(),
      ...(handlers.beforeWrite === undefined ? {} : { beforeWrite: handlers.beforeWrite }),
    });
  }

  get ended(): boolean {
    return this.#channel.ended;
  }

  /** Requests and notices arrive in the order in which they were sent. Rejects with `LinkFailure`. */
  request(topic: number, ...parts: readonly Uint8Array[]): Promise<Buffer> {
    if (this.ended) return Promise.reject(new LinkFailure("the other process is gone"));
    this.#lastId = (this.#lastId % 0xffff_ffff) + 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#channel.send(FRAME_KIND.request, topic, id, parts);
    });
  }

  notify(topic: number, ...parts: readonly Uint8Array[]): void {
    this.#channel.send(FRAME_KIND.notice, topic, 0, parts);
  }

  close(): void {
    this.#channel.close();
  }

  #take({ kind, topic, id, payload }: Frame): void {
    if (kind === FRAME_KIND.notice) return this.#handlers.onNotice(topic, payload);
    if (kind === FRAME_KIND.request) return void this.#answer(topic, id, payload);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (kind === FRAME_KIND.reply) waiting?.resolve(payload);
    else waiting?.reject(new LinkFailure(payload.toString()));
  }

  async #answer(topic: number, id: number, payload: Buffer): Promise<void> {
    try {
      const reply = await this.#handlers.onRequest(topic, payload);
      this.#channel.send(FRAME_KIND.reply, topic, id, reply === undefined ? [] : [reply]);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#channel.send(FRAME_KIND.failure, topic, id, [Buffer.from(message)]);
    }
  }

  #end(): void {
    this.#handlers.onEnd();
    for (const { reject } of this.#waiting.values()) reject(new LinkFailure("the other process is gone"));
    this.#waiting.clear();
  }
}
