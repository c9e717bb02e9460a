import type { Duplex } from "node:stream";

/** What travels between the process that keeps the journal and one that captures. */
export interface Frame {
  readonly kind: FrameKind;
  /** What it is about. */
  readonly topic: number;
  /** Joins a reply to its request; 0 in notices. */
  readonly id: number;
  readonly payload: Buffer;
}

export const FRAME_KIND = { request: 1, reply: 2, failure: 3, notice: 4 } as const;
export type FrameKind = (typeof FRAME_KIND)[keyof typeof FRAME_KIND];

export interface FrameChannelEvents {
  readonly onFrame: (frame: Frame) => void;
  /** Nothing comes any more. */
  readonly onEnd: () => void;
  /** Called before what has queued up is written: the moment to send what had better travel with something else. */
  readonly beforeWrite?: () => void;
}

/** Octets of the rest of the frame (4), kind (1), topic (1), id (4); then the payload. */
const LENGTH_BYTES = 4;
const HEAD_BYTES = 10;

/**
 * Frames over a pipe, in order. All that is sent in one turn of the event loop is one write. What waits to be written is
 * not bounded here: whoever sends waits for replies.
 */
export class FrameChannel {
  readonly #socket: Duplex;
  readonly #events: FrameChannelEvents;
  #queue: Uint8Array[] = [];
  #scheduled = false;
  #ended = false;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Octets without which nothing can be done with those that are held. */
  #needed = LENGTH_BYTES;

  constructor(socket: Duplex, events: FrameChannelEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    // Its end follows.
    socket.on("error", () => socket.destroy());
    socket.once("end", () => socket.destroy());
    socket.once("close", () => {
      this.#ended = true;
      this.#events.onEnd();
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  send(kind: FrameKind, topic: number, id: number, parts: readonly Uint8Array[]): void {
    if (this.#ended) return;
    const head = Buffer.allocUnsafe(HEAD_BYTES);
    let octets = HEAD_BYTES - LENGTH_BYTES;
    for (const part of parts) octets += part.length;
    head.writeUInt32LE(octets, 0);
    head.writeUInt8(kind, 4);
    head.writeUInt8(topic, 5);
    head.writeUInt32LE(id, 6);
    this.#queue.push(head, ...parts);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#write());
  }

  close(): void {
    this.#socket.destroy();
  }

  #write(): void {
    this.#events.beforeWrite?.();
    this.#scheduled = false;
    const queue = this.#queue;
    this.#queue = [];
    if (!this.#ended && this.#socket.writable) this.#socket.write(Buffer.concat(queue));
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#needed) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let at = 0;
    for (;;) {
      const left = bytes.length - at;
      this.#needed = left < LENGTH_BYTES ? LENGTH_BYTES : LENGTH_BYTES + bytes.readUInt32LE(at);
      if (left < this.#needed) break;
      const end = at + this.#needed;
      this.#events.onFrame({
        kind: bytes.readUInt8(at + 4) as FrameKind,
        topic: bytes.readUInt8(at + 5),
        id: bytes.readUInt32LE(at + 6),
        payload: bytes.subarray(at + HEAD_BYTES, end),
      });
      at = end;
    }
    const rest = bytes.subarray(at);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#held = rest.length;
  }
}
