import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { ExchangeSettings } from "./exchange-settings.ts";
import { Exchange } from "./exchange.ts";
import { defaultLimits, type GatewayOptions } from "./gateway-options.ts";
import { MalformedHead, readRequestHead, type RequestHead } from "./routing/request-head.ts";
import { createRouter } from "./routing/router.ts";
import { createSourceAddresses } from "./source-address.ts";

/** The endpoint that AWS clients talk to. */
export interface Gateway {
  /** Resolves when connections are accepted; rejects with the system's error where the address cannot be had. */
  listen(): Promise<void>;
  /** `http://HOST:PORT`; throws before `listen`. */
  readonly address: string;
  /** Accepts nothing more, finishes the calls in progress, cuts those that take longer than `closeTimeout`. */
  close(): Promise<void>;
}

const ownPrefix = "/_opentrail/";

/** Throws for a trusted proxy that is no address. */
export function createGateway(options: GatewayOptions): Gateway {
  return new HttpGateway(options);
}

class HttpGateway implements Gateway {
  readonly #settings: ExchangeSettings;
  readonly #server: Server;
  /** Calls in progress, by connection. */
  readonly #open = new Map<Socket, Set<ServerResponse>>();
  readonly #running = new Set<Promise<void>>();
  /** Connections that have been told that they do not speak HTTP. */
  readonly #refused = new WeakSet<Socket>();
  #closing = false;

  constructor(options: GatewayOptions) {
    const { catalogue, s3HostSuffixes, defaultRegion, trustedProxies, limits, tls } = options;
    const bounds = { ...defaultLimits, ...limits };
    this.#settings = {
      ...options,
      bounds,
      router: createRouter(catalogue, { s3HostSuffixes, defaultRegion }),
      sources: createSourceAddresses(trustedProxies ?? []),
    };
    const serverOptions = {
      maxHeaderSize: bounds.requestHead,
      headersTimeout: bounds.headTimeout,
      // A whole upload may take hours: its body has an idle timeout instead.
      requestTimeout: 0,
      keepAliveTimeout: bounds.keepAlive,
      insecureHTTPParser: false,
      noDelay: true,
    };
    this.#server =
      tls === undefined
        ? createHttpServer(serverOptions)
        : createHttpsServer({ ...serverOptions, cert: tls.certificate, key: tls.key });
    // Node would drop lines beyond the limit silently, and with them what signature and record rest on.
    this.#server.maxHeadersCount = 0;
    this.#server.on("request", (message, response) => this.#take(message, response, false));
    this.#server.on("checkContinue", (message, response) => this.#take(message, response, true));
    // Expectations other than 100-continue: RFC 9110 leaves it to the server; nobody sends any.
    this.#server.on("checkExpectation", (message, response) => this.#take(message, response, false));
    this.#server.on("clientError", (error, socket) => this.#refuseConnection(error, socket as Socket));
  }

  async listen(): Promise<void> {
    const { host, port } = this.#settings.listen;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        // From here on it is a connection that could not be accepted: those that are open go on.
        this.#server.on("error", (error) => this.#settings.logger.error({ err: error }, "a connection was not accepted"));
        resolve();
      });
    });
  }

  get address(): string {
    const address = this.#server.address() as AddressInfo | null;
    if (address === null) throw new Error("the gateway is not listening");
    const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
    return `${this.#settings.tls === undefined ? "http" : "https"}://${host}:${address.port}`;
  }

  async close(): Promise<void> {
    this.#closing = true;
    // Each answer ends its connection: a busy client would send one call after the other over it.
    for (const responses of this.#open.values()) for (const response of responses) response.shouldKeepAlive = false;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), this.#settings.bounds.closeTimeout);
    while (this.#running.size > 0) {
      await Promise.all(this.#running);
      this.#server.closeIdleConnections();
    }
    clearTimeout(cut);
    this.#server.closeAllConnections();
    await closed;
  }

  #take(message: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    if (this.#closing) response.shouldKeepAlive = false;
    try {
      this.#answer(message, response, expectsContinue);
    } catch (error) {
      const malformed = error instanceof MalformedHead;
      if (malformed) this.#settings.metrics.malformed();
      else this.#settings.logger.error({ err: error }, "a request could not be taken");
      this.#refused.add(message.socket);
      if (response.headersSent) return void message.socket.destroy();
      const [status, text] = malformed ? [400, error.message] : [500, "internal error"];
      response.writeHead(status, { "Content-Type": "text/plain", Connection: "close" }).end(`${text}\n`);
    }
  }

  /** Throws `MalformedHead`. Whatever else it throws is a mistake of ours that this one request brought out. */
  #answer(message: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const head = readRequestHead(message.method ?? "GET", message.url ?? "/", message.rawHeaders);
    if (this.#isOwn(head)) {
      if (expectsContinue) response.writeContinue();
      this.#settings.ownPaths(message, response);
    } else if (isBrowserAtRoot(head)) {
      response.writeHead(302, { Location: ownPrefix, "Content-Length": "0" }).end();
    } else {
      this.#track(response, new Exchange(this.#settings, head, message, response, expectsContinue).run());
    }
  }

  /** Below a bucket's own host name, the same path is the key of an object. */
  #isOwn(head: RequestHead): boolean {
    if (head.path !== ownPrefix.slice(0, -1) && !head.path.startsWith(ownPrefix)) return false;
    const { s3 } = this.#settings.router.route({ ...head, path: "/", method: "GET" });
    return s3?.bucket === undefined;
  }

  #track(response: ServerResponse, run: Promise<void>): void {
    const { socket } = response.req;
    const responses = this.#open.get(socket) ?? new Set();
    this.#open.set(socket, responses.add(response));
    const tracked = run.finally(() => {
      this.#running.delete(tracked);
      responses.delete(response);
      if (responses.size === 0) this.#open.delete(socket);
    });
    this.#running.add(tracked);
  }

  /**
   * What came is not HTTP. A plain 400 (431, 408) where nothing else is under way on the connection: behind a call that
   * waits for its answer, those bytes would be taken for that answer.
   */
  #refuseConnection(error: Error & { code?: string }, socket: Socket): void {
    if (this.#refused.has(socket)) return;
    this.#settings.logger.debug({ err: error }, "a connection brought no HTTP");
    if (error.code !== "ECONNRESET") this.#settings.metrics.malformed();
    if (error.code === "ECONNRESET" || !socket.writable || this.#open.has(socket)) {
      socket.destroy();
      return;
    }
    const status =
      error.code === "HPE_HEADER_OVERFLOW"
        ? "431 Request Header Fields Too Large"
        : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
          ? "408 Request Timeout"
          : "400 Bad Request";
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
  }
}

/** Somebody typed the address into a browser. AWS clients do not ask for HTML, and sign what they ask for. */
function isBrowserAtRoot(head: RequestHead): boolean {
  return (
    head.method === "GET" &&
    head.target === "/" &&
    /\btext\/html\b/.test(head.headers.get("accept") ?? "") &&
    !head.headers.has("authorization")
  );
}
