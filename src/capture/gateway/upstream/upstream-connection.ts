import { connect as connectPlain, isIP, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { AnswerReader, type AnswerSink } from "./answer-reader.ts";
import { BodyPump } from "./body-pump.ts";
import type { ReadMemory } from "./read-memory.ts";
import type { Carrier, UpstreamCall } from "./upstream-call.ts";
import { failureOf } from "./upstream-failure.ts";
import { BrokenAnswer, type WireHead } from "./wire-head.ts";

export interface Origin {
  readonly secure: boolean;
  /** Name or address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Of a local socket, in place of host and port. */
  readonly socketPath?: string | undefined;
  /** PEM of the authority that signed the upstream's certificate, where the system does not know it. */
  readonly certificateAuthority: string | undefined;
  /** TLS session of an earlier connection, which makes the next handshake shorter. */
  session: Buffer | undefined;
}

export interface ConnectionEvents {
  /** Takes another request. */
  readonly onFree: (connection: UpstreamConnection) => void;
  readonly onClosed: (connection: UpstreamConnection) => void;
  /** It closed before a word of the answer, and the call may be sent over another one. */
  readonly onUnanswered: (call: UpstreamCall) => void;
}

/** Requests up to so many characters go out as one text, head and body together. */
const JOINED_MAX = 8 * 1024;
/**
 * All connections read into this one buffer, unless what they carry flows: what comes is taken apart, and what is kept of it is
 * copied, before the next read begins. As large as an answer that is handed over whole: the rest of a longer one is not copied.
 */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/** A connection to an upstream, which carries one call after the other. */
export class UpstreamConnection implements Carrier, AnswerSink {
  /** `performance.now()` from which on it is of no use any more: not connected by then, or idle for too long. Infinity while it carries a call. */
  expiresAt: number;
  /** Seconds that the upstream said it keeps an idle connection. */
  keepAlive: number | undefined;
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  #call: UpstreamCall | undefined;
  #reader: AnswerReader | undefined;
  #pump: BodyPump | undefined;
  #head: WireHead | undefined;
  /** What the socket reads into. */
  #room: Buffer = readBuffer;
  /** Of which `#room` is part. */
  #memory: ReadMemory | undefined;
  #connected = false;
  /** It has carried a call to its end, so the upstream may have closed it for its age. */
  #used = false;
  #paused = false;
  #closed = false;

  constructor(origin: Origin, events: ConnectionEvents, connectBy: number) {
    this.#events = events;
    this.expiresAt = connectBy;
    const onread: OnReadOpts = { buffer: () => this.#nextRoom(), callback: (octets) => this.#onRead(octets) };
    this.#socket = open(origin, onread);
    this.#socket.setNoDelay(true);
    this.#socket.once(origin.secure ? "secureConnect" : "connect", () => this.#onConnect());
    this.#socket.on("end", () => this.#onEnd());
    this.#socket.on("error", (error) => this.#close(error));
    this.#socket.on("close", () => {
      this.#close(new BrokenAnswer("the upstream closed the connection"));
      this.#memory?.close();
    });
  }

  /** Nobody has closed it yet, as far as is known. */
  get usable(): boolean {
    return this.#connected && !this.#closed && this.#call === undefined && this.#socket.writable && !this.#socket.destroyed;
  }

  /** Begins at once, or when the connection has come about. */
  carry(call: UpstreamCall): void {
    this.#call = call;
    this.#reader = new AnswerReader(this, call.request.method === "HEAD");
    call.carriedBy(this);
    if (!this.#connected) return;
    this.expiresAt = Infinity;
    this.#send(call);
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  abandon(): void {
    this.#close(undefined);
  }

  /** Idle for too long, or not connected in time. */
  expire(): void {
    this.#close(Object.assign(new Error("the upstream took no connection in time"), { code: "ERR_SOCKET_CONNECTION_TIMEOUT" }));
  }

  head(head: WireHead): void {
    this.#head = head;
    this.#call?.head(head);
  }

  piece(bytes: Buffer): void {
    this.#call?.piece(bytes);
  }

  end(): void {
    this.#call?.end();
  }

  #onConnect(): void {
    this.#connected = true;
    this.expiresAt = Infinity;
    if (this.#call === undefined) this.#events.onFree(this);
    else this.#send(this.#call);
  }

  #send(call: UpstreamCall): void {
    const { wire, request } = call;
    const { body } = request;
    call.progress();
    if (body === undefined) {
      this.#socket.write(wire.head, "latin1");
    } else if (body instanceof Uint8Array) {
      if (wire.head.length + body.length <= JOINED_MAX) {
        const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1");
        this.#socket.write(wire.head + text, "latin1");
      } else {
        this.#socket.cork();
        this.#socket.write(wire.head, "latin1");
        this.#socket.write(body);
        this.#socket.uncork();
      }
    } else {
      this.#socket.write(wire.head, "latin1");
      this.#pump = new BodyPump(body, this.#socket, wire, {
        onProgress: () => call.progress(),
        onEnd: () => {
          this.#pump = undefined;
          call.progress();
        },
        onBroken: (error) => call.fail(failureOf(error, true)),
      });
      this.#pump.start();
    }
  }

  /** Asked for behind each read, but not any more when the socket is destroyed: it keeps what it has until it is gone. */
  #nextRoom(): Buffer {
    const memory = this.#call?.memory;
    if (this.#memory !== memory) {
      this.#memory?.close();
      this.#memory = memory;
    }
    return (this.#room = memory?.room() ?? readBuffer);
  }

  #onRead(octets: number): boolean {
    const call = this.#call;
    // An answer that nobody asked for.
    if (call === undefined || this.#reader === undefined) {
      this.#close(undefined);
      return false;
    }
    try {
      this.#reader.push(this.#room.subarray(0, octets));
    } catch (error) {
      this.#close(error as Error);
      return false;
    }
    call.turn();
    this.#finishIfDone();
    return !this.#paused && !this.#closed;
  }

  #onEnd(): void {
    try {
      this.#reader?.close();
    } catch (error) {
      return this.#close(error as Error);
    }
    this.#close(undefined);
  }

  #finishIfDone(): void {
    const reader = this.#reader;
    if (reader?.done !== true || this.#closed) return;
    const early = this.#pump !== undefined;
    const reusable = this.#head?.reusable === true && reader.clean && !early;
    this.keepAlive = this.#head?.keepAlive;
    this.#call = undefined;
    this.#reader = undefined;
    this.#head = undefined;
    // An answer that does not wait for the rest of its request: that rest would stand where the next request begins.
    if (!reusable) return this.#close(undefined);
    this.#used = true;
    this.resume();
    this.#events.onFree(this);
  }

  /** @param error what the call, if there is one, is told. */
  #close(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pump?.stop();
    this.#socket.destroy();
    const call = this.#call;
    this.#call = undefined;
    const again = error !== undefined && this.#used && this.#reader?.begun === false && call?.repeatable === true;
    if (call !== undefined && !again) {
      call.fail(failureOf(error ?? new BrokenAnswer("the connection to the upstream is closed"), this.#connected));
    }
    this.#events.onClosed(this);
    if (call !== undefined && again) this.#events.onUnanswered(call);
  }
}

function open(origin: Origin, onread: OnReadOpts): Socket {
  const { secure, host, port, socketPath } = origin;
  if (socketPath !== undefined) return connectPlain({ path: socketPath, onread });
  if (!secure) return connectPlain({ host, port, onread });
  const options: ConnectionOptions & { readonly onread: OnReadOpts } = {
    host,
    port,
    onread,
    ALPNProtocols: ["http/1.1"],
    // Not the client's Host: the name that the upstream's certificate must have.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(origin.certificateAuthority === undefined ? {} : { ca: origin.certificateAuthority }),
    ...(origin.session === undefined ? {} : { session: origin.session }),
  };
  const socket = connectTls(options);
  socket.on("session", (session) => (origin.session = session));
  return socket;
}
