import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type RequestListener,
  type RequestOptions,
  type Server,
} from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { expect } from "vitest";
import { loadCatalogue } from "../../aws/catalogue/catalogue.ts";
import type { Endpoint } from "../../aws/endpoint.ts";
import { systemClock } from "../../base/clock.ts";
import { createLogger } from "../../base/logger.ts";
import type { ApiCall } from "../../event/api-call.ts";
import type { Identities } from "../identity/identities.ts";
import type { Admission, CallKind, Recorder } from "../recorder.ts";
import type { Fate, GatewayMetrics } from "./gateway-metrics.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { createHttpUpstream, type HttpUpstreamOptions } from "./http-upstream.ts";

/** A recorder that keeps calls in a list, and whose answers the test may delay or spoil. */
class ListRecorder implements Recorder {
  readonly calls: ApiCall[] = [];
  selects = (_call: { readonly serviceId: string; readonly operationName: string }): boolean => true;
  /** Awaited before a call counts as recorded. */
  gate: () => Promise<void> = async () => {};
  admission: (() => Promise<void>) | undefined;
  readonly #waiting: (() => void)[] = [];

  wants(call: { readonly serviceId: string; readonly operationName: string }): boolean {
    return this.selects(call);
  }

  /** Whether calls leave an intent. */
  intended: (call: CallKind) => boolean = () => false;
  /** What was known of calls when they were admitted. */
  readonly intents: ApiCall[] = [];
  withdrawn = 0;
  abandoned = 0;
  readonly misses: ApiCall[] = [];

  intends(call: CallKind): boolean {
    return this.intended(call);
  }

  async admit(intent?: () => ApiCall): Promise<Admission> {
    if (intent !== undefined) this.intents.push(intent());
    await this.admission?.();
    return this.waive();
  }

  waive(): Admission {
    let used = false;
    const once = (): void => {
      if (used) throw new Error("an admission was used twice");
      used = true;
    };
    return {
      record: async (call) => {
        once();
        this.calls.push(call);
        for (const wake of this.#waiting.splice(0)) wake();
        await this.gate();
        return true;
      },
      withdraw: async () => {
        once();
        this.withdrawn += 1;
      },
      abandon: async () => {
        once();
        this.abandoned += 1;
      },
    };
  }

  missed(call: ApiCall): void {
    this.misses.push(call);
  }

  /** Resolves when `count` calls have come. */
  async atLeast(count: number): Promise<void> {
    while (this.calls.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/** Counts as names with their labels. */
class ListMetrics implements GatewayMetrics {
  readonly counts = new Map<string, number>();
  readonly #waiting: (() => void)[] = [];
  open = 0;

  arrived(): void {
    this.open += 1;
  }
  settled(fate: Fate): void {
    this.#count(fate === "recorded" || fate === "refused" ? fate : `unrecorded ${fate}`);
  }
  finished(service: string, outcome: string): void {
    this.open -= 1;
    this.#count(`finished ${service} ${outcome}`);
  }
  malformed(): void {
    this.#count("malformed");
  }

  /** Resolves when no call is in progress and at least `finished` have ended. */
  async idle(finished: number): Promise<void> {
    while (this.open > 0 || this.sum("finished") < finished) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  sum(prefix: string): number {
    return [...this.counts].reduce((sum, [name, count]) => (name.startsWith(prefix) ? sum + count : sum), 0);
  }

  #count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

export interface Bench {
  readonly gateway: Gateway;
  readonly port: number;
  readonly upstream: Server;
  readonly upstreamPort: number;
  readonly recorder: ListRecorder;
  readonly metrics: ListMetrics;
  readonly learned: ApiCall[];
}

export interface BenchOptions extends Partial<Omit<GatewayOptions, "recorder" | "metrics">> {
  /** Answers what the gateway passes on; a real server on loopback. */
  readonly peer?: RequestListener;
  readonly upstreamOptions?: Partial<HttpUpstreamOptions>;
  /** In the upstream's place. */
  readonly endpoint?: Endpoint;
}

const started: (() => Promise<void>)[] = [];

/** Closes everything that `startBench` opened; for `afterEach`. */
export async function closeBenches(): Promise<void> {
  for (const close of started.splice(0).reverse()) await close();
}

export async function startBench(options: BenchOptions = {}): Promise<Bench> {
  const { peer, upstreamOptions, endpoint, ...overrides } = options;
  const upstream = createServer(
    { keepAliveTimeout: 30_000 },
    peer ?? ((message, response) => void message.resume().on("end", () => response.end("ok"))),
  );
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const upstreamPort = (upstream.address() as AddressInfo).port;
  const answering = endpoint ?? createHttpUpstream({ url: `http://127.0.0.1:${upstreamPort}`, ...upstreamOptions });
  const recorder = new ListRecorder();
  const metrics = new ListMetrics();
  const learned: ApiCall[] = [];
  const identities: Identities = {
    resolve: ({ accessKeyId }) => ({
      accountId: "111122223333",
      caller: { kind: "unknown", accountId: "111122223333", ...(accessKeyId === undefined ? {} : { accessKeyId }) },
    }),
    learn: (call) => void learned.push(call),
    close: async () => {},
  };
  const gateway = createGateway({
    listen: { host: "127.0.0.1", port: 0 },
    catalogue: loadCatalogue(),
    defaultRegion: "us-east-1",
    s3HostSuffixes: ["localhost"],
    endpointFor: () => answering,
    identities,
    recorder,
    ownPaths: (message, response) => response.end(`own ${message.url ?? ""}`),
    logger: createLogger("silent"),
    clock: systemClock,
    metrics,
    ...overrides,
  });
  await gateway.listen();
  started.push(async () => {
    upstream.closeAllConnections();
    upstream.close();
    await gateway.close();
    await answering.close();
  });
  return { gateway, port: Number(new URL(gateway.address).port), upstream, upstreamPort, recorder, metrics, learned };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** One request over a connection of its own. Rejects where the answer breaks off. */
export async function call(port: number, options: RequestOptions, body?: string | Uint8Array): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = httpRequest({ host: "127.0.0.1", port, agent: false, ...options }, (message) => {
    const chunks: Buffer[] = [];
    message.on("data", (chunk: Buffer) => chunks.push(chunk));
    message.on("error", reject);
    message.on("close", () => {
      if (!message.complete) reject(new Error("the answer broke off"));
    });
    message.on("end", () => {
      resolve({
        status: message.statusCode ?? 0,
        headers: message.headers,
        rawHeaders: message.rawHeaders,
        body: Buffer.concat(chunks),
      });
    });
  });
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}

/** A connection that is spoken over by hand. */
export class RawConnection {
  readonly socket: Socket;
  #text = "";
  #closed = false;
  readonly #waiting: (() => void)[] = [];

  constructor(port: number) {
    this.socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    this.socket.on("data", (chunk) => {
      this.#text += chunk.toString("latin1");
      this.#wake();
    });
    this.socket.on("error", () => {});
    for (const event of ["close", "end"]) {
      this.socket.on(event, () => {
        this.#closed = true;
        this.#wake();
      });
    }
  }

  get text(): string {
    return this.#text;
  }

  send(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  /** Resolves when `pattern` has come; throws if the connection ends without it. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#text)) {
      if (this.#closed) throw new Error(`the connection ended after: ${this.#text}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#text;
  }

  async closed(): Promise<string> {
    while (!this.#closed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#text;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

export function signed(service: string, headers: Record<string, string> = {}): Record<string, string> {
  const credential = `AKIDEXAMPLE/20260302/eu-west-1/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=abc`, ...headers };
}

/** Headers of an IAM call in the query protocol. */
export const iamForm = signed("iam", { "content-type": "application/x-www-form-urlencoded" });

/** Headers of a call in AWS JSON. */
export function jsonTarget(service: string, target: string): Record<string, string> {
  return signed(service, { "content-type": "application/x-amz-json-1.1", "x-amz-target": target });
}

/** The head of an S3 request as it goes over the wire. */
export function s3Head(line: string, ...lines: readonly string[]): string {
  return `${[line, "Host: x", `Authorization: ${signed("s3")["authorization"] ?? ""}`, ...lines].join("\r\n")}\r\n\r\n`;
}

/** The record of the one call that there was: every call leaves one and is counted once. */
export async function oneRecord({ metrics, recorder }: Bench): Promise<ApiCall> {
  await metrics.idle(1);
  const [only, ...more] = recorder.calls;
  if (only === undefined) throw new Error("the call left no record");
  expect(more).toEqual([]);
  expect(metrics.sum("finished")).toBe(1);
  expect(metrics.sum("recorded") + metrics.sum("refused") + metrics.sum("unrecorded")).toBe(1);
  return only;
}
