import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Call } from "./call.ts";
import type { CallBook } from "./call-book.ts";
import { answerService } from "./service-calls.ts";

const ERRORS: Readonly<Record<Call["kind"]["wire"], (code: string) => Buffer>> = {
  json: (code) => Buffer.from(JSON.stringify({ __type: code, message: "no" })),
  query: (code) =>
    Buffer.from(`<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`),
  s3: (code) => Buffer.from(`<Error><Code>${code}</Code><Message>no</Message></Error>`),
  cbor: (code) => Buffer.concat([Buffer.of(0xa1, 0x66), Buffer.from("__type"), Buffer.of(0x60 + code.length), Buffer.from(code)]),
};
const DONE: Readonly<Record<Call["kind"]["wire"], Buffer>> = {
  json: Buffer.from("{}"),
  query: Buffer.from("<Done/>"),
  s3: Buffer.alloc(0),
  cbor: Buffer.of(0xa0),
};
const LONG = Buffer.alloc(1_500_000, "long ");
/** Nobody has these credentials. S3 has a code of its own, which its records show as another service's would. */
const FORGED = "InvalidClientTokenId";

/** The backend, played by the observer: it notes every request when its head arrives, before anything else. */
export class ObservedBackend {
  readonly #server: Server;
  readonly #open = new Set<IncomingMessage["socket"]>();
  /** Requests that bring no mark of the book: OpenTrail made them up. */
  readonly strays: string[] = [];
  book: CallBook;

  private constructor(book: CallBook) {
    this.book = book;
    this.#server = createServer((request, response) => this.#take(request, response));
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on("connection", (socket) => {
      this.#open.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => this.#open.delete(socket));
    });
  }

  static async start(book: CallBook): Promise<ObservedBackend> {
    const backend = new ObservedBackend(book);
    await new Promise<void>((done) => backend.#server.listen(0, "127.0.0.1", done));
    return backend;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Nothing that a dead OpenTrail had sent is still on its way here. */
  get quiet(): boolean {
    return this.#open.size === 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const call = this.book.calls.get(request.headers["user-agent"] ?? "");
    const service = call === undefined ? answerService(request, response) : undefined;
    if (service !== undefined) this.book.service.push(service);
    else if (call === undefined) this.strays.push(`${request.method} ${request.url} ${request.headers["user-agent"]}`);
    else call.received += 1;
    request.on("error", () => {});
    response.on("error", () => {});
    request.resume();
    if (service !== undefined) return;
    request.once("end", () => {
      if (call === undefined) response.writeHead(500).end();
      else if (call.plan === "slow")
        setTimeout(() => this.#answer(call, response), 5 + ((call.mark.length * 7 + call.sentAt) % 60));
      else this.#answer(call, response);
    });
  }

  #answer(call: Call, response: ServerResponse): void {
    const { wire } = call.kind;
    const end = (status: number, body: Buffer): void => {
      const type = { json: "application/x-amz-json-1.1", query: "text/xml", s3: "application/xml", cbor: "application/cbor" }[
        wire
      ];
      response.writeHead(status, { "content-type": type, "content-length": body.length, ...idOf(call) }).end(body);
    };
    switch (call.plan) {
      case "plain":
      case "slow":
        return end(200, call.kind.answer === undefined ? DONE[wire] : Buffer.from(call.kind.answer(call.subject)));
      case "fails":
        return end(400, ERRORS[wire]("LimitExceededException"));
      case "forged":
        return end(403, ERRORS[wire](FORGED));
      case "long":
        return end(200, LONG);
      case "breaks":
        return void response.socket?.destroy();
      case "stops":
        response.writeHead(200, { "content-length": 100, ...idOf(call) });
        return void response.write("half", () => response.socket?.destroy());
    }
  }
}

/** Half of the backends of this world name their requests; for the others OpenTrail does. */
function idOf(call: Call): Record<string, string> {
  const cbor: Record<string, string> = call.kind.wire === "cbor" ? { "smithy-protocol": "rpc-v2-cbor" } : {};
  if (call.mark.charCodeAt(call.mark.length - 2) % 2 === 0) return cbor;
  return { ...cbor, [call.kind.wire === "s3" ? "x-amz-request-id" : "x-amzn-requestid"]: randomUUID() };
}
