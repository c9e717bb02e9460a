import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pino } from "pino";
import { loadCatalogue } from "../aws/catalogue/catalogue.ts";
import type { CallContext, Endpoint } from "../aws/endpoint.ts";
import { accountOfKeyId } from "../aws/key-id.ts";
import { systemClock } from "../base/clock.ts";
import { readRequestHead } from "../capture/gateway/routing/request-head.ts";
import { createRouter } from "../capture/gateway/routing/router.ts";
import { createEmbeddedAccount } from "./embedded-account.ts";

const router = createRouter(loadCatalogue(), { s3HostSuffixes: ["localhost", "s3.localhost"], defaultRegion: "us-east-1" });
const FORM_LIMIT = 1024 * 1024;

/** An embedded account behind a plain HTTP server that routes as the gateway does, for real clients. */
export class TestAccount {
  readonly directory: string;
  /** Everything that was logged as an error. */
  readonly errors: string[] = [];
  /** Operations that have come in, and those whose client left before the answer was out. */
  readonly begun: string[] = [];
  readonly abandoned: string[] = [];
  callerArn: string | undefined;
  /** Set: calls come from that AWS service. */
  servicePrincipal: string | undefined;
  readonly apiDestinations = new Map<string, string>();
  port = 0;
  #endpoint: Endpoint | undefined;
  #server: Server | undefined;
  #requests = 0;

  constructor(directory = mkdtempSync(join(tmpdir(), "opentrail-embedded-"))) {
    this.directory = directory;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get endpoint(): Endpoint {
    if (this.#endpoint === undefined) throw new Error("not started");
    return this.#endpoint;
  }

  async start(): Promise<this> {
    const logger = pino({ level: "error" }, { write: (line: string) => void this.errors.push(line) });
    this.#endpoint = await createEmbeddedAccount({
      dataDir: this.directory,
      logger,
      clock: systemClock,
      apiDestinations: this.apiDestinations,
    });
    const server = createServer((message, response) => void this.#serve(message, response));
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    return this;
  }

  /** Closes the account and opens it again over the same directory. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => (this.#server === undefined ? resolve(undefined) : this.#server.close(resolve)));
    await this.#endpoint?.close();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const abort = new AbortController();
    let operationName = "";
    response.once("close", () => {
      if (response.writableFinished) return;
      this.abandoned.push(operationName);
      abort.abort();
    });
    try {
      const { context, body } = await this.#context(message);
      ({ operationName } = context);
      this.begun.push(operationName);
      const answer = await this.endpoint.send({
        method: message.method ?? "GET",
        target: message.url ?? "/",
        headers: message.rawHeaders,
        body,
        signal: abort.signal,
        context,
      });
      response.writeHead(answer.status, [...answer.headers]);
      if (answer.body instanceof Readable) await pipeline(answer.body, response);
      else response.end(answer.body);
      message.resume();
    } catch (error) {
      if (!abort.signal.aborted) this.errors.push(String(error));
      response.destroy();
    }
  }

  async #context(message: IncomingMessage): Promise<{ context: CallContext; body: Readable | undefined }> {
    const head = readRequestHead(message.method ?? "GET", message.url ?? "/", message.rawHeaders);
    let routed = router.route(head);
    let body: Readable = message;
    if (routed.awaits !== undefined) {
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of message as AsyncIterable<Buffer>) {
        if ((length += chunk.length) > FORM_LIMIT) throw new Error("too large a form for this test");
        chunks.push(chunk);
      }
      const whole = Buffer.concat(chunks);
      routed = router.routeBody(head, routed, whole);
      body = new PassThrough().end(whole);
    }
    this.#requests += 1;
    const accessKeyId = routed.credential.accessKeyId;
    const context: CallContext = {
      operation: routed.operation,
      serviceId: routed.serviceId,
      operationName: routed.operationName,
      protocol: routed.protocol,
      ...(routed.s3 === undefined ? {} : { s3: routed.s3 }),
      region: routed.region,
      accountId: accountOfKeyId(accessKeyId ?? "") ?? "000000000000",
      accessKeyId,
      callerArn: this.callerArn,
      ...(this.servicePrincipal === undefined ? {} : { servicePrincipal: this.servicePrincipal }),
      requestId: `request-${this.#requests}`,
    };
    return { context, body };
  }
}
