import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Duplex } from "node:stream";
import type { ArrivingBody } from "./arriving-body.ts";
import type { BrokenRequest } from "./broken-request.ts";
import { type ArrivedRequest, ClientConnection, type ConnectionHost } from "./client-connection.ts";
import type { ClientAnswer } from "./client-answer.ts";

/** One end of a connection in memory, on which every piece arrives as it was written. */
export class Side extends Duplex {
  other: Side | undefined;
  #go: (() => void) | undefined;
  #over = false;

  override _read(): void {
    const go = this.#go;
    this.#go = undefined;
    go?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    const other = this.other;
    if (other === undefined || other.destroyed || other.#over || other.push(chunk)) callback();
    else other.#go = callback;
  }

  override _final(callback: () => void): void {
    this.other?.finish();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const { other } = this;
    for (const side of [this, ...(other === undefined ? [] : [other])]) {
      const go = side.#go;
      side.#go = undefined;
      go?.();
    }
    other?.finish();
    callback(error);
  }

  finish(): void {
    if (this.#over) return;
    this.#over = true;
    if (!this.destroyed) this.push(null);
  }

  /** As `node:net` has it. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }
}

export function pair(): readonly [client: Side, server: Side] {
  const client = new Side();
  const server = new Side();
  client.other = server;
  server.other = client;
  for (const side of [client, server]) side.on("error", () => {});
  return [client, server];
}

export interface Taken {
  readonly method: string;
  readonly target: string;
  readonly lines: readonly string[];
  readonly body: Buffer;
}

/** All of a body; undefined where it breaks off. */
export async function wholeBody(body: ArrivingBody | undefined): Promise<Buffer | undefined> {
  if (body === undefined) return Buffer.alloc(0);
  const pieces: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  body.attach({
    data: (piece) => void pieces.push(Buffer.from(piece)),
    end: () => resolve(Buffer.concat(pieces)),
    gone: () => resolve(undefined),
  });
  if (body.gone) resolve(undefined);
  else body.flow();
  return promise;
}

export function say(answer: ClientAnswer, body: string, ...lines: string[]): void {
  answer.head(200, undefined, lines);
  answer.end(Buffer.from(body, "latin1"));
}

export class TestHost implements ConnectionHost {
  limits = {
    requestHead: 64 * 1024,
    headTimeout: 60_000,
    keepAlive: 60_000,
    halfClosedTimeout: 60_000,
    answerStallTimeout: 60_000,
  };
  /** Those that came whole, by the answering below. */
  readonly taken: Taken[] = [];
  readonly refusals: BrokenRequest[] = [];
  readonly connections = new Set<ClientConnection>();
  closedCount = 0;
  answer: (request: ArrivedRequest) => Promise<void>;

  /** @param answer in place of reading the body and telling what has come. */
  constructor(answer?: (request: ArrivedRequest) => Promise<void>) {
    this.answer = answer ?? ((request) => this.take(request));
  }

  async take({ head, body, answer }: ArrivedRequest): Promise<void> {
    if (head.expectsContinue) answer.continue();
    const whole = await wholeBody(body);
    if (whole === undefined) return answer.cut();
    this.taken.push({ method: head.method, target: head.target, lines: head.lines, body: whole });
    say(answer, `${this.taken.length} ${head.method} ${head.target} ${whole.length}`);
  }

  refused(error: BrokenRequest): void {
    this.refusals.push(error);
  }

  closed(connection: ClientConnection): void {
    this.connections.delete(connection);
    this.closedCount += 1;
  }

  serve(socket: Duplex): ClientConnection {
    const connection = new ClientConnection(socket as Socket, this);
    this.connections.add(connection);
    return connection;
  }
}

/** Answers that wait until they are let go, each for itself. */
export class Gate {
  readonly arrived: ArrivedRequest[] = [];
  readonly #opened: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];

  readonly answer = async (request: ArrivedRequest): Promise<void> => {
    this.arrived.push(request);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#opened.push(resolve);
    for (const wake of this.#waiting.splice(0)) wake();
    await promise;
  };

  async until(count: number): Promise<ArrivedRequest> {
    for (;;) {
      const request = this.arrived[count - 1];
      if (request !== undefined) return request;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The answering of the one that came last is over. */
  over(): void {
    this.#opened.at(-1)?.();
  }
}

/** What a connection sends, and how it ends. */
export class Listener {
  #pieces: Buffer[] = [];
  ended = false;
  readonly #waiting: (() => void)[] = [];

  constructor(client: Duplex) {
    client.on("data", (piece: Buffer) => {
      this.#pieces.push(piece);
      this.#wake();
    });
    client.on("error", () => {});
    for (const event of ["end", "close"])
      client.on(event, () => {
        this.ended = true;
        this.#wake();
      });
  }

  get text(): string {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0]?.toString("latin1") ?? "";
  }

  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) {
      if (this.ended) throw new Error(`the connection ended after: ${this.text}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.text;
  }

  async end(): Promise<string> {
    while (!this.ended) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.text;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

const open: (() => void)[] = [];

/** Closes everything that `dial` opened; for `afterEach`. */
export function closeDialled(): void {
  for (const close of open.splice(0)) close();
}

export interface Dialled {
  readonly client: Socket;
  readonly server: Socket;
  readonly connection: ClientConnection;
  readonly heard: Listener;
}

/** A connection over TCP. */
export async function dial(host: TestHost): Promise<Dialled> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  const heard = new Listener(client);
  const [socket] = (await once(server, "connection")) as [Socket];
  open.push(() => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  return { client, server: socket, connection: host.serve(socket), heard };
}

/** Some turns of the event loop: enough for what needs no I/O. */
export async function turns(count = 4): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
