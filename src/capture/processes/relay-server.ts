import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import type { Catalogue } from "../../aws/catalogue/model.ts";
import {
  type CallContext,
  type Endpoint,
  EndpointFailure,
  type EndpointRequest,
  type EndpointResponse,
} from "../../aws/endpoint.ts";
import type { Logger } from "../../base/logger.ts";
import type { GatewayOptions } from "../gateway/gateway-options.ts";
import { openVisit, type VisitSettings } from "../gateway/open-visit.ts";
import { endToEndLines } from "../gateway/routing/header-lines.ts";
import { readRequestHead } from "../gateway/routing/request-head.ts";
import type { VisitArrival } from "../gateway/visit.ts";
import { contextOf, FAILURE_LINE, RELAY_HEAD_BYTES, RELAY_LINE, relayedIn } from "./relayed-call.ts";

export interface RelayServerOptions {
  /** Where the socket is made, for this user alone; what is there is replaced. */
  readonly socketPath: string;
  /** Whoever shows it is a capture process. */
  readonly token: string;
  readonly catalogue: Pick<Catalogue, "service">;
  readonly endpointFor: (context: CallContext) => Endpoint;
  readonly ownPaths: GatewayOptions["ownPaths"];
  readonly visits: VisitSettings;
  readonly logger: Logger;
}

const LINE = RELAY_LINE.toLowerCase();

/** Answers in the primary process what capture processes cannot: the CloudTrail API, the embedded account, own paths. */
export class RelayServer {
  readonly #options: RelayServerOptions;
  readonly #server: Server;

  constructor(options: RelayServerOptions) {
    this.#options = options;
    this.#server = createServer({
      maxHeaderSize: RELAY_HEAD_BYTES,
      requestTimeout: 0,
      headersTimeout: 0,
      keepAliveTimeout: 0,
      // HTTP/1.0 clients may send none.
      requireHostHeader: false,
    });
    this.#server.maxHeadersCount = 0;
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.on("request", (message, response) => this.#take(message, response));
  }

  async listen(): Promise<void> {
    const { socketPath } = this.#options;
    rmSync(socketPath, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(socketPath, resolve);
    });
    // Who came in before this shows no token.
    chmodSync(socketPath, 0o600);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #take(message: IncomingMessage, response: ServerResponse): void {
    message.on("error", () => {});
    const { lines, line } = withoutRelayLine(message.rawHeaders);
    const relayed = line === undefined ? undefined : relayedIn(line);
    if (relayed?.token !== this.#options.token) {
      response.writeHead(403).end();
      return;
    }
    if (relayed.kind === "visit") this.#visit(message, response, lines, relayed.visit);
    else void this.#call(message, response, lines, contextOf(relayed.context, this.#options.catalogue));
  }

  #visit(message: IncomingMessage, response: ServerResponse, lines: readonly string[], arrival: VisitArrival): void {
    const { ownPaths, visits } = this.#options;
    // The connection serves this one request: to whoever asks, it is the visitor's.
    Object.defineProperty(message.socket, "remoteAddress", { value: arrival.remoteAddress });
    const visit = async () => openVisit(visits, readRequestHead(message.method ?? "GET", message.url ?? "/", lines), arrival);
    ownPaths(message, response, visit, () => arrival);
  }

  async #call(message: IncomingMessage, response: ServerResponse, lines: readonly string[], context: CallContext): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) gone.abort(new EndpointFailure("aborted", "the caller went away"));
    });
    const hasBody = message.headers["transfer-encoding"] !== undefined || Number(message.headers["content-length"] ?? 0) > 0;
    const request: EndpointRequest = {
      method: message.method ?? "GET",
      target: message.url ?? "/",
      headers: endToEndLines(lines),
      body: hasBody ? message : undefined,
      signal: gone.signal,
      context,
    };
    try {
      send(response, await this.#options.endpointFor(context).send(request));
    } catch (error) {
      const failure = error instanceof EndpointFailure;
      if (!failure)
        this.#options.logger.error({ err: error, service: context.serviceId }, "an endpoint failed in a way it should not");
      if (response.headersSent) return void response.destroy();
      const text = error instanceof Error ? error.message : String(error);
      response.writeHead(502, [FAILURE_LINE, failure ? error.reason : "internal"]).end(text);
    }
  }
}

function send(response: ServerResponse, { status, statusText, headers, body }: EndpointResponse): void {
  const lines = endToEndLines(headers);
  response.sendDate = false;
  if (statusText === undefined) response.writeHead(status, lines);
  else response.writeHead(status, statusText, lines);
  if (body === undefined || body instanceof Uint8Array) response.end(body);
  // What cannot be sent whole ends the connection, which says so.
  else pipeline(body, response, () => {});
}

/** The first line of that name is the capture process's; more of them would be the client's. */
function withoutRelayLine(raw: readonly string[]): { readonly lines: readonly string[]; readonly line: string | undefined } {
  const at = raw.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === LINE);
  return at === -1 ? { lines: raw, line: undefined } : { lines: raw.toSpliced(at, 2), line: raw[at + 1] };
}
