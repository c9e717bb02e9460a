import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { ArrivedRequest } from "./client-connection.ts";
import type { RequestWireHead } from "./request-wire-head.ts";

/** Octets of a head that the gateway has taken already, whatever its own bound is. */
const HEAD_MAX = 16 * 1024 * 1024;

export type OwnPathHandler = (message: IncomingMessage, response: ServerResponse) => void;

/**
 * Answers the requests for OpenTrail's own paths with `node:http`: they are few, and what answers them is written for it. Each is given to it
 * as a connection of its own, made of one head; what it writes goes to the client.
 */
export class OwnPathServer {
  readonly #server: Server;
  readonly #handlers = new WeakMap<object, OwnPathHandler>();

  constructor() {
    this.#server = createServer({ maxHeaderSize: HEAD_MAX, keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
    this.#server.maxHeadersCount = 0;
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.on("request", (message, response) => this.#handlers.get(message.socket)?.(message, response));
  }

  /** Resolves when the answer is written, or its connection cut. Never rejects. @param handler MUST NOT throw. */
  answer({ head, body, answer, socket }: ArrivedRequest, handler: OwnPathHandler): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    // Were it held, the end of the connection could not be seen behind it.
    body?.discard();
    // Whether its body comes now is for the client to say.
    if (head.expectsContinue) answer.endConnection();
    const stream = new OwnPathStream(socket);
    let halfClosed = false;
    const onEnd = (): void => {
      halfClosed = true;
      stream.push(null);
    };
    const onClose = (): void => void stream.destroy();
    socket.once("end", onEnd);
    socket.once("close", onClose);
    let over = false;
    const settle = (whole: boolean): void => {
      if (over) return;
      over = true;
      socket.off("end", onEnd);
      socket.off("close", onClose);
      if (whole) answer.endElsewhere();
      else answer.cut();
      stream.destroy();
      resolve();
    };
    this.#handlers.set(stream, (message, response) => {
      if (answer.last) response.shouldKeepAlive = false;
      response.once("close", () => {
        // Behind a half that is closed, Node ends the other one; here, more requests may have come before that.
        if (!response.shouldKeepAlive || (stream.writableEnded && !halfClosed)) answer.endConnection();
        settle(response.writableFinished);
      });
      handler(message, response);
    });
    stream.once("close", () => settle(false));
    this.#server.emit("connection", stream);
    stream.push(Buffer.from(bodilessHead(head), "latin1"));
    if (socket.readableEnded) onEnd();
    return promise;
  }
}

/** None of these requests' bodies is of use: what there is of it passes unread, and is not announced. */
function bodilessHead({ method, target, lines, old }: RequestWireHead): string {
  let head = `${method} ${target} HTTP/1.${old ? 0 : 1}\r\n`;
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const name = lines[i] ?? "";
    if (!/^(?:content-length|transfer-encoding|expect)$/i.test(name)) head += `${name}: ${lines[i + 1] ?? ""}\r\n`;
  }
  return `${head}\r\n`;
}

/** The part of a client's connection that carries one request. */
class OwnPathStream extends Duplex {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    this.on("error", () => {});
  }

  /** As `node:net` has it. */
  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.#socket.destroyed) callback(new Error("the client went away"));
    else this.#socket.write(chunk, callback);
  }
}
