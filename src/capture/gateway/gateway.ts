import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { ExchangeSettings } from "./exchange-settings.ts";
import { Exchange } from "./exchange.ts";
import { defaultLimits, type GatewayOptions } from "./gateway-options.ts";
import { refuseOverload } from "./refuse-overload.ts";
import { RequestQueue } from "./request-queue.ts";
import { openVisit, type VisitArrival } from "./open-visit.ts";
import { keptOctets } from "./kept-octets.ts";
import { MalformedHead, readRequestHead, type RequestHead } from "./routing/request-head.ts";
import { createRouter } from "./routing/router.ts";
import { createSourceAddresses } from "./source-address.ts";
import { tlsFacts } from "./tls-facts.ts";

/** The endpoint that AWS clients talk to. */
export interface Gateway {
  /** Resolves when connections are accepted; rejects with the system's error where the address cannot be had. */
  listen(): Promise<void>;
  /** In place of `listen`: takes a connection that somebody else has accepted. */
  adopt(socket: Socket): void;
  /** `http://HOST:PORT`, or the path of the socket; throws before `listen`. */
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
  readonly #queues = new Map<Socket, RequestQueue>();
  /** Octets of request bodies that the calls in progress keep. */
  #kept = 0;
  #warnedOfDrops = -Infinity;
  /** Calls in progress. */
  readonly #running = new Set<Promise<void>>();
  /** Connections that have been told that they do not speak HTTP. */
  readonly #refused = new WeakSet<Socket>();
  /** Connections that somebody else accepted; undefined where there were none. */
  #adopted: Set<Socket> | undefined;
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
    this.#server.maxConnections = bounds.connections;
    // A client that has sent its last request may say so: it still waits for its answer.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.on("request", (message, response) => this.#take(message, response, false));
    this.#server.on("checkContinue", (message, response) => this.#take(message, response, true));
    // Expectations other than 100-continue: RFC 9110 leaves it to the server; nobody sends any.
    this.#server.on("checkExpectation", (message, response) => this.#take(message, response, false));
    this.#server.on("clientError", (error, socket) => this.#refuseConnection(error, socket as Socket));
    // Node would close the connection at once, whatever is still to be answered on it.
    this.#server.on("connect", (_, socket) => {
      this.#queueOf(socket as Socket).handedOver();
      this.#refuseConnection(new Error("nothing is tunnelled"), socket as Socket);
    });
    this.#server.on("drop", () => this.#warnOfDrop());
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ ...this.#settings.listen }, () => {
        this.#server.off("error", reject);
        // From here on it is a connection that could not be accepted: those that are open go on.
        this.#server.on("error", (error) => this.#settings.logger.error({ err: error }, "a connection was not accepted"));
        resolve();
      });
    });
  }

  adopt(socket: Socket): void {
    // Node looks after slow heads from here on.
    if (this.#adopted === undefined) this.#server.emit("listening");
    const adopted = (this.#adopted ??= new Set());
    if (this.#closing || adopted.size >= this.#settings.bounds.connections) {
      if (!this.#closing) this.#server.emit("drop");
      socket.destroy();
      return;
    }
    adopted.add(socket);
    socket.once("close", () => adopted.delete(socket));
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    this.#server.emit("connection", socket);
  }

  get address(): string {
    const address = this.#server.address() as AddressInfo | string | null;
    if (address === null) throw new Error("the gateway is not listening");
    if (typeof address === "string") return address;
    const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
    return `${this.#settings.tls === undefined ? "http" : "https"}://${host}:${address.port}`;
  }

  async close(): Promise<void> {
    this.#closing = true;
    // Each answer ends its connection: a busy client would send one call after the other over it.
    for (const queue of this.#queues.values()) queue.finish();
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
    const answer = (): Promise<void> => this.#answer(message, response, expectsContinue);
    if (this.#queueOf(message.socket).add({ message, response, answer })) return;
    this.#settings.logger.debug("a connection sent too many requests ahead of their answers");
    this.#settings.metrics.malformed();
    message.socket.destroy();
  }

  #queueOf(socket: Socket): RequestQueue {
    let queue = this.#queues.get(socket);
    if (queue === undefined) {
      const { requestsAhead, halfClosedTimeout } = this.#settings.bounds;
      queue = new RequestQueue(socket, { most: requestsAhead, halfClosedTimeout });
      this.#queues.set(socket, queue);
      socket.once("close", () => this.#queues.delete(socket));
    }
    return queue;
  }

  /** Resolves when the answer is out or the connection closed. Never rejects. */
  async #answer(message: IncomingMessage, response: ServerResponse, expectsContinue: boolean): Promise<void> {
    if (this.#closing) response.shouldKeepAlive = false;
    try {
      const run = this.#begin(message, response, expectsContinue);
      if (run !== undefined) return await run;
    } catch (error) {
      const malformed = error instanceof MalformedHead;
      if (malformed) this.#settings.metrics.malformed();
      else this.#settings.logger.error({ err: error }, "a request could not be taken");
      this.#refused.add(message.socket);
      if (response.headersSent) return void message.socket.destroy();
      const [status, text] = malformed ? [400, error.message] : [500, "internal error"];
      response.writeHead(status, { "Content-Type": "text/plain", Connection: "close" }).end(`${text}\n`);
    }
    if (!response.closed) await new Promise<void>((resolve) => response.once("close", resolve));
  }

  /**
   * Gives the call that has begun, if it is one. Throws `MalformedHead`; whatever else it throws is a mistake of ours that this
   * one request brought out.
   */
  #begin(message: IncomingMessage, response: ServerResponse, expectsContinue: boolean): Promise<void> | undefined {
    if (!/^1\.[01]$/.test(message.httpVersion)) throw new MalformedHead("a version of HTTP that is not spoken here");
    const head = readRequestHead(message.method ?? "GET", message.url ?? "/", message.rawHeaders);
    if (this.#isOwn(head)) {
      if (expectsContinue) response.writeContinue();
      const { socket } = message;
      const arrival = (): VisitArrival => ({ remoteAddress: socket.remoteAddress, tls: tlsFacts(socket) });
      this.#settings.ownPaths(message, response, () => openVisit(this.#settings, head, arrival()));
    } else if (isBrowserAtRoot(head)) {
      response.writeHead(302, { Location: ownPrefix, "Content-Length": "0" }).end();
    } else {
      const { bounds, router } = this.#settings;
      const octets = keptOctets(head, bounds.bodyCapture, () => router.route(head));
      if (this.#running.size < bounds.calls && (this.#kept === 0 || this.#kept + octets <= bounds.keptBodies))
        return this.#track(new Exchange(this.#settings, head, message, response, expectsContinue).run(), octets);
      refuseOverload(this.#settings, head, message, response);
    }
    return undefined;
  }

  /** Below a bucket's own host name, the same path is the key of an object. */
  #isOwn(head: RequestHead): boolean {
    if (head.path !== ownPrefix.slice(0, -1) && !head.path.startsWith(ownPrefix)) return false;
    const { s3 } = this.#settings.router.route({ ...head, path: "/", method: "GET" });
    return s3?.bucket === undefined;
  }

  async #track(run: Promise<void>, octets: number): Promise<void> {
    this.#running.add(run);
    this.#kept += octets;
    try {
      await run;
    } finally {
      this.#running.delete(run);
      this.#kept -= octets;
    }
  }

  /** One line for all that come in ten seconds: the log must not be what gives way. */
  #warnOfDrop(): void {
    const now = performance.now();
    if (now - this.#warnedOfDrops < 10_000) return;
    this.#warnedOfDrops = now;
    this.#settings.logger.warn("connections are closed as they come because there are too many");
  }

  /**
   * What came is not HTTP. A plain 400 (431, 408) behind the answers to what came before; where a call's own body breaks off,
   * nothing, since those bytes would be taken for its answer.
   */
  #refuseConnection(error: Error & { code?: string }, socket: Socket): void {
    if (this.#refused.has(socket)) return;
    this.#refused.add(socket);
    this.#settings.logger.debug({ err: error }, "a connection brought no HTTP");
    if (error.code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    this.#settings.metrics.malformed();
    const status =
      error.code === "HPE_HEADER_OVERFLOW"
        ? "431 Request Header Fields Too Large"
        : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
          ? "408 Request Timeout"
          : "400 Bad Request";
    this.#queueOf(socket).breakOff(() => {
      if (!socket.writable) socket.destroy();
      else socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
    });
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
