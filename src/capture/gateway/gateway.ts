import { createServer as createPlainServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { BrokenRequest } from "./downstream/broken-request.ts";
import { type ArrivedRequest, ClientConnection, type ConnectionHost } from "./downstream/client-connection.ts";
import type { ClientAnswer } from "./downstream/client-answer.ts";
import { OwnPathServer } from "./downstream/own-path-server.ts";
import type { ExchangeSettings } from "./exchange-settings.ts";
import { Exchange } from "./exchange.ts";
import { defaultLimits, type GatewayOptions } from "./gateway-options.ts";
import { refuseOverload } from "./refuse-overload.ts";
import { openVisit } from "./open-visit.ts";
import { keptOctets } from "./kept-octets.ts";
import { MalformedHead, readRequestHead, type RequestHead } from "./routing/request-head.ts";
import { createRouter } from "./routing/router.ts";
import { createSourceAddresses } from "./source-address.ts";
import { tlsFacts } from "./tls-facts.ts";
import type { VisitArrival } from "./visit.ts";

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

class HttpGateway implements Gateway, ConnectionHost {
  readonly limits: ConnectionHost["limits"];
  readonly #settings: ExchangeSettings;
  readonly #server: Server;
  readonly #ownPaths = new OwnPathServer();
  readonly #connections = new Set<ClientConnection>();
  /** Accepted, TLS handshakes that are under way included. */
  readonly #sockets = new Set<Socket>();
  /** Octets of request bodies that the calls in progress keep. */
  #kept = 0;
  #warnedOfDrops = -Infinity;
  /** Calls in progress. */
  #running = 0;
  /** Called when there is none any more. */
  #onIdle: (() => void) | undefined;
  #watch: NodeJS.Timeout | undefined;
  #closing = false;
  /** Called when the last connection has gone. */
  #onEmpty: (() => void) | undefined;

  constructor(options: GatewayOptions) {
    const { catalogue, s3HostSuffixes, defaultRegion, trustedProxies, limits, tls } = options;
    const bounds = { ...defaultLimits, ...limits };
    this.limits = bounds;
    this.#settings = {
      ...options,
      bounds,
      router: createRouter(catalogue, { s3HostSuffixes, defaultRegion }),
      sources: createSourceAddresses(trustedProxies ?? []),
    };
    // A client that has sent its last request may say so: it still waits for its answer.
    const sockets = { allowHalfOpen: true, noDelay: true };
    this.#server =
      tls === undefined
        ? createPlainServer(sockets, (socket) => this.#serve(socket))
        : createTlsServer(
            {
              ...sockets,
              cert: tls.certificate,
              key: tls.key,
              ALPNProtocols: ["http/1.1"],
              handshakeTimeout: bounds.headTimeout,
            },
            (socket) => this.#serve(socket),
          );
    this.#server.maxConnections = bounds.connections;
    this.#server.on("connection", (socket: Socket) => this.#keep(socket));
    this.#server.on("tlsClientError", (error: Error & { code?: string }, socket: Socket) => {
      // Node leaves a handshake that took too long as it is.
      socket.destroy();
      if (error.code !== "ECONNRESET") this.#countMalformed(error);
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
    if (this.#closing || this.#sockets.size >= this.#settings.bounds.connections) {
      if (!this.#closing) this.#warnOfDrop();
      socket.destroy();
      return;
    }
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
    const stopped = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // Each answer ends its connection: a busy client would send one call after the other over it.
    for (const connection of this.#connections) connection.finish();
    const cut = setTimeout(() => this.#cut(), this.#settings.bounds.closeTimeout);
    while (this.#running > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    clearTimeout(cut);
    this.#cut();
    if (this.#sockets.size > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve));
    clearInterval(this.#watch);
    await stopped;
  }

  async answer(request: ArrivedRequest): Promise<void> {
    const { answer } = request;
    try {
      await this.#begin(request);
    } catch (error) {
      const malformed = error instanceof MalformedHead;
      if (malformed) this.#countMalformed(error);
      else this.#settings.logger.error({ err: error }, "a request could not be taken");
      if (answer.started) return answer.cut();
      answer.endConnection();
      answer.head(malformed ? 400 : 500, undefined, ["Content-Type", "text/plain"]);
      answer.end(Buffer.from(`${malformed ? error.message : "internal error"}\n`));
    }
  }

  refused(error: BrokenRequest): void {
    this.#countMalformed(error);
  }

  closed(connection: ClientConnection): void {
    this.#connections.delete(connection);
  }

  #serve(socket: Socket): void {
    // Its handshake took until now.
    if (this.#closing) return void socket.destroy();
    this.#watch ??= this.#startWatch();
    this.#connections.add(new ClientConnection(socket, this));
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#onEmpty?.();
    });
  }

  /** One timer for all connections: a timer each would be begun and ended with every call. */
  #startWatch(): NodeJS.Timeout {
    const { headTimeout, keepAlive, halfClosedTimeout } = this.limits;
    const tick = Math.min(1000, Math.max(10, Math.min(headTimeout, keepAlive, halfClosedTimeout) / 4));
    return setInterval(() => {
      const now = performance.now();
      for (const connection of this.#connections) connection.expire(now);
    }, tick).unref();
  }

  /**
   * Gives the call that has begun, if it is one; the others are answered. Throws `MalformedHead`; whatever else it throws is a
   * mistake of ours that this one request brought out.
   */
  #begin(request: ArrivedRequest): Promise<void> | undefined {
    const { method, target, lines } = request.head;
    const head = readRequestHead(method, target, lines);
    if (this.#isOwn(head)) return this.#answerOwn(request, head);
    if (isBrowserAtRoot(head)) return redirect(request.answer);
    const { bounds, router } = this.#settings;
    const octets = keptOctets(head, bounds.bodyCapture, () => router.route(head));
    if (this.#running < bounds.calls && (this.#kept === 0 || this.#kept + octets <= bounds.keptBodies))
      return this.#track(new Exchange(this.#settings, head, request).run(), octets);
    refuseOverload(this.#settings, head, request.answer);
    return undefined;
  }

  #answerOwn(request: ArrivedRequest, head: RequestHead): Promise<void> {
    const { ownPaths, logger } = this.#settings;
    const { socket } = request;
    const arrival = (): VisitArrival => ({ remoteAddress: socket.remoteAddress, tls: tlsFacts(socket) });
    return this.#ownPaths.answer(request, (message, response) => {
      try {
        ownPaths(message, response, () => openVisit(this.#settings, head, arrival()), arrival);
      } catch (error) {
        logger.error({ err: error }, "an own path could not be answered");
        if (response.headersSent) response.destroy();
        else response.writeHead(500, { "Content-Type": "text/plain" }).end("internal error\n");
      }
    });
  }

  /** Below a bucket's own host name, the same path is the key of an object. */
  #isOwn(head: RequestHead): boolean {
    if (head.path !== ownPrefix.slice(0, -1) && !head.path.startsWith(ownPrefix)) return false;
    const { s3 } = this.#settings.router.route({ ...head, path: "/", method: "GET" });
    return s3?.bucket === undefined;
  }

  async #track(run: Promise<void>, octets: number): Promise<void> {
    this.#running += 1;
    this.#kept += octets;
    try {
      await run;
    } finally {
      this.#running -= 1;
      this.#kept -= octets;
      if (this.#running === 0) this.#onIdle?.();
    }
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** One line for all that come in ten seconds: the log must not be what gives way. */
  #warnOfDrop(): void {
    const now = performance.now();
    if (now - this.#warnedOfDrops < 10_000) return;
    this.#warnedOfDrops = now;
    this.#settings.logger.warn("connections are closed as they come because there are too many");
  }

  #countMalformed(error: Error): void {
    this.#settings.logger.debug({ err: error }, "a connection brought no HTTP");
    this.#settings.metrics.malformed();
  }
}

function redirect(answer: ClientAnswer): undefined {
  answer.head(302, undefined, ["Location", ownPrefix]);
  answer.end();
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
