import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { type Message, MessageReader } from "./message-reader.ts";

/** A request as the upstream got it. */
export interface Arrival {
  /** From 0, in the order of their heads. */
  readonly number: number;
  readonly message: Message;
  readonly socket: Socket;
}

/** Answers a request: gives the bytes, or writes to the socket itself and gives nothing. */
export type Behaviour = (arrival: Arrival) => Uint8Array | string | undefined;

export interface StrictUpstream {
  readonly url: string;
  /** Requests whose head has come. */
  readonly seen: number;
  /** Requests that were read whole, where `remember` is set. */
  readonly arrivals: readonly Arrival[];
  /** Connections now. */
  readonly connections: number;
  /** What came that is no strict HTTP/1.1. */
  readonly violations: readonly string[];
  answer: Behaviour;
  close(): Promise<void>;
}

/** An upstream on a bare socket that takes requests by the letter, so that nobody's lenience hides what reaches it. */
export async function startStrictUpstream(answer: Behaviour, remember = true): Promise<StrictUpstream> {
  const sockets = new Set<Socket>();
  const arrivals: Arrival[] = [];
  const violations: string[] = [];
  let seen = 0;
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const heads: number[] = [];
    const reader = new MessageReader({
      of: "requests",
      onHead: () => {
        heads.push(seen);
        seen += 1;
      },
      onMessage: (message) => {
        const arrival = { number: heads.shift() ?? -1, message, socket };
        if (remember) arrivals.push(arrival);
        if (!message.whole) return;
        const bytes = upstream.answer(arrival);
        if (bytes !== undefined && !socket.destroyed) socket.write(bytes);
      },
    });
    const attempt = (step: () => void): void => {
      try {
        step();
      } catch (error) {
        violations.push(String(error));
        socket.destroy();
      }
    };
    socket.on("data", (chunk: Buffer) => attempt(() => reader.push(chunk)));
    // A connection that was cut in the middle is nobody's lie.
    socket.on("end", () => attempt(() => (reader.betweenMessages ? undefined : socket.destroy())));
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", 4096, listening));
  const upstream: StrictUpstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get seen() {
      return seen;
    },
    arrivals,
    get connections() {
      return sockets.size;
    },
    violations,
    answer,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
  return upstream;
}

/** The bytes of a plain answer. */
export function plainAnswer(status: number, headers: Readonly<Record<string, string>>, body: string | Uint8Array = ""): Buffer {
  const bytes = Buffer.from(body as string);
  const lines = Object.entries({ ...headers, "content-length": String(bytes.length) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Said\r\n${lines.join("")}\r\n`, "latin1"), bytes]);
}
