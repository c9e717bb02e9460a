import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { connect, type Socket } from "node:net";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { KMSClient } from "@aws-sdk/client-kms";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SNSClient } from "@aws-sdk/client-sns";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { ClientPlace, DestinationClients } from "../readers/delivery/destination-clients.ts";
import { boundedAnswer } from "./bounded-answer.ts";
import type { Config } from "./config.ts";
import type { ServiceKeys } from "./service-identities.ts";

export interface DestinationClientsOptions {
  readonly config: Pick<Config, "delivery" | "upstreams">;
  readonly keys: ServiceKeys;
  /** Path of the service door's socket. */
  readonly door: string;
}

/** Connections of all clients to one endpoint at once. */
const MOST_SOCKETS = 64;
/** Clients that are kept: of one account and Region each. */
const MOST_CLIENTS = 1000;
/** Milliseconds. */
const CONNECT_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 120_000;

type Destination = keyof Config["delivery"]["destinations"];

interface Settings {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly requestHandler: NodeHttpHandler;
  readonly streamCollector: typeof boundedAnswer;
  readonly maxAttempts: 1;
}

/** Loads the AWS clients that trails need, each package once, before anybody asks for one. */
export async function openDestinationClients(options: DestinationClientsOptions): Promise<OpenDestinationClients> {
  const [s3, sns, logs, events, kms] = await Promise.all([
    import("@aws-sdk/client-s3"),
    import("@aws-sdk/client-sns"),
    import("@aws-sdk/client-cloudwatch-logs"),
    import("@aws-sdk/client-eventbridge"),
    import("@aws-sdk/client-kms"),
  ]);
  return new OpenDestinationClients(options, {
    s3: (settings) => new s3.S3Client({ ...settings, forcePathStyle: true, followRegionRedirects: false }),
    sns: (settings) => new sns.SNSClient(settings),
    logs: (settings) => new logs.CloudWatchLogsClient(settings),
    events: (settings) => new events.EventBridgeClient(settings),
    kms: (settings) => new kms.KMSClient(settings),
  });
}

interface Makers {
  readonly s3: (settings: Settings) => S3Client;
  readonly sns: (settings: Settings) => SNSClient;
  readonly logs: (settings: Settings) => CloudWatchLogsClient;
  readonly events: (settings: Settings) => EventBridgeClient;
  readonly kms: (settings: Settings) => KMSClient;
}

/** Calls go through the service door, so that they are recorded; where an endpoint is set for a destination, straight there. */
class OpenDestinationClients implements DestinationClients {
  readonly #options: DestinationClientsOptions;
  readonly #makers: Makers;
  readonly #clients = new Map<string, { destroy(): void }>();
  /** Each destination has connections of its own: one that does not answer leaves those of the others alone. */
  readonly #doorways: Readonly<Record<Destination, NodeHttpHandler>>;
  readonly #outward: Readonly<Record<Destination, NodeHttpHandler>>;

  constructor(options: DestinationClientsOptions, makers: Makers) {
    this.#options = options;
    this.#makers = makers;
    const timeouts = { connectionTimeout: CONNECT_TIMEOUT, requestTimeout: REQUEST_TIMEOUT };
    const pool = { keepAlive: true, maxSockets: MOST_SOCKETS };
    this.#doorways = forEach(() => new NodeHttpHandler({ ...timeouts, httpAgent: new SocketAgent(options.door) }));
    this.#outward = forEach(
      () => new NodeHttpHandler({ ...timeouts, httpAgent: new Agent(pool), httpsAgent: new TlsAgent(pool) }),
    );
  }

  s3(place: ClientPlace): S3Client {
    return this.#client("s3", place, this.#makers.s3);
  }

  sns(place: ClientPlace): SNSClient {
    return this.#client("sns", place, this.#makers.sns);
  }

  logs(place: ClientPlace): CloudWatchLogsClient {
    return this.#client("logs", place, this.#makers.logs);
  }

  events(place: ClientPlace): EventBridgeClient {
    return this.#client("events", place, this.#makers.events);
  }

  kms(place: ClientPlace): KMSClient {
    return this.#client("kms", place, this.#makers.kms);
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) client.destroy();
    this.#clients.clear();
    for (const handler of [...Object.values(this.#doorways), ...Object.values(this.#outward)]) handler.destroy();
  }

  #client<Client extends { destroy(): void }>(
    destination: Destination,
    place: ClientPlace,
    make: (settings: Settings) => Client,
  ): Client {
    const name = `${destination} ${place.accountId} ${place.region}`;
    const client = (this.#clients.get(name) as Client | undefined) ?? make(this.#settings(destination, place));
    // The one that was asked for longest ago is the first: callers of CreateTrail name Regions at will.
    this.#clients.delete(name);
    this.#clients.set(name, client);
    const [oldest = ""] = this.#clients.keys();
    // Not destroyed: its connections are the others' too.
    if (this.#clients.size > MOST_CLIENTS) this.#clients.delete(oldest);
    return client;
  }

  #settings(destination: Destination, { accountId, region }: ClientPlace): Settings {
    const { config, keys } = this.#options;
    const own = config.delivery.destinations[destination];
    if (own !== undefined) {
      const credentials = {
        accessKeyId: own.accessKeyId,
        secretAccessKey: readFileSync(own.secretAccessKeyFile, "utf8").trim(),
      };
      return {
        ...COMMON,
        region: own.region ?? region,
        endpoint: own.url,
        credentials,
        requestHandler: this.#outward[destination],
      };
    }
    // The host is what is signed and what the backend sees; the connection leads to the door whatever it says.
    const upstream = config.upstreams[CATALOGUE_ID[destination]] ?? config.upstreams[destination] ?? config.upstreams["default"];
    const host = upstream === undefined ? "127.0.0.1" : new URL(upstream).host;
    const credentials = keys.keyOf(accountId);
    return { ...COMMON, region, endpoint: `http://${host}`, credentials, requestHandler: this.#doorways[destination] };
  }
}

const COMMON = { streamCollector: boundedAnswer, maxAttempts: 1 } as const;

const CATALOGUE_ID: Readonly<Record<Destination, string>> = {
  s3: "s3",
  sns: "sns",
  logs: "cloudwatch-logs",
  events: "eventbridge",
  kms: "kms",
};

function forEach(make: () => NodeHttpHandler): Readonly<Record<Destination, NodeHttpHandler>> {
  return { s3: make(), sns: make(), logs: make(), events: make(), kms: make() };
}

/** Every connection leads to one Unix socket. */
class SocketAgent extends Agent {
  readonly #path: string;

  constructor(path: string) {
    super({ keepAlive: true, maxSockets: MOST_SOCKETS });
    this.#path = path;
  }

  override createConnection(): Socket {
    return connect({ path: this.#path });
  }
}
