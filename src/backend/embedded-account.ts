import { existsSync } from "node:fs";
import { join } from "node:path";
import { EndpointFailure, type Endpoint, type EndpointRequest, type EndpointResponse } from "../aws/endpoint.ts";
import type { Clock } from "../base/clock.ts";
import { makeDirectory } from "../base/sync-directory.ts";
import type { Logger } from "../base/logger.ts";
import type { Messaging } from "./messaging/messaging.ts";
import { notImplemented, refuse } from "./refuse.ts";

export interface EmbeddedAccountOptions {
  /** Everything is kept below it; made where it is missing. One process at a time. */
  readonly dataDir: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** URLs of EventBridge's API destinations by their names; none unless told. */
  readonly apiDestinations?: ReadonlyMap<string, string>;
}

/**
 * What stands behind the gateway when no upstream is configured: enough of S3, SQS, SNS, STS, DynamoDB, CloudWatch Logs and
 * EventBridge to try everything with nothing else installed. It trusts whoever reaches it: policies are kept and not applied. Every other service
 * and operation is answered with `NotImplemented` (501) in the caller's protocol.
 *
 * Buckets and objects are shared by all accounts and regions, as bucket names are at AWS; ListBuckets shows every bucket to
 * everybody. Queues, topics, tables, log groups and rules belong to the caller's account and region, with ARNs to match, and cannot be
 * reached from others: a topic or a rule reaches what is of its own account and region alone. A process serves 64 combinations of account and
 * region for each service.
 *
 * What S3, SQS, SNS, CloudWatch Logs and EventBridge have confirmed survives a power cut; DynamoDB's tables survive the end of the process, but
 * the last writes may go with the power.
 */
export async function createEmbeddedAccount(options: EmbeddedAccountOptions): Promise<Endpoint> {
  const account = new EmbeddedAccount(options);
  account.resume();
  return account;
}

class EmbeddedAccount implements Endpoint {
  readonly #options: EmbeddedAccountOptions;
  readonly #endpoints = new Map<string, Promise<Endpoint>>();
  #messaging: Promise<Messaging> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: EmbeddedAccountOptions) {
    this.#options = options;
  }

  async send(request: EndpointRequest): Promise<EndpointResponse> {
    const endpoint = this.#endpoint(request.context.serviceId);
    if (endpoint === undefined) return refuse(request, notImplemented(request));
    return await (await endpoint).send(request);
  }

  /** What an earlier run has left to do is not to wait for a call. */
  resume(): void {
    if (!existsSync(join(this.#options.dataDir, "embedded", "events", "events.sqlite"))) return;
    this.#endpoint("eventbridge")?.catch((error: unknown) => {
      this.#options.logger.error({ err: error }, "EventBridge's store cannot be opened; what it has left to deliver waits");
    });
  }

  /** Undefined for services that are not here. */
  #endpoint(serviceId: string): Promise<Endpoint> | undefined {
    const open = this.#services.get(serviceId);
    if (open === undefined) return undefined;
    if (this.#closing !== undefined) throw new EndpointFailure("unreachable", "the embedded account is closed");
    let endpoint = this.#endpoints.get(serviceId);
    if (endpoint === undefined) {
      this.#endpoints.set(serviceId, (endpoint = open()));
      // What could not be opened is tried again by the next call.
      endpoint.catch(() => this.#endpoints.delete(serviceId));
    }
    return endpoint;
  }

  async #required(serviceId: string): Promise<Endpoint> {
    const endpoint = this.#endpoint(serviceId);
    if (endpoint === undefined) throw new Error(`BUG: the embedded account has no ${serviceId}`);
    return await endpoint;
  }

  async close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    await this.#closing;
  }

  async #closeAll(): Promise<void> {
    const close = async (part: Promise<Pick<Endpoint, "close">> | undefined): Promise<void> =>
      await (await part?.catch(() => undefined))?.close();
    // EventBridge is at work in the others.
    await close(this.#endpoints.get("eventbridge"));
    await Promise.all([...this.#endpoints].filter(([id]) => id !== "eventbridge").map(async ([, part]) => await close(part)));
    await close(this.#messaging);
  }

  /** By catalogue id; each is loaded by its first call. */
  readonly #services: ReadonlyMap<string, () => Promise<Endpoint>> = new Map([
    [
      "s3",
      async (): Promise<Endpoint> => {
        const { S3Endpoint } = await import("./s3/s3-endpoint.ts");
        return new S3Endpoint({ ...this.#options, directory: this.#directory("s3") });
      },
    ],
    [
      "sqs",
      async () => {
        const { SqsEndpoint } = await import("./messaging/sqs-endpoint.ts");
        return new SqsEndpoint(await this.#sharedMessaging(), this.#options.logger);
      },
    ],
    [
      "sns",
      async () => {
        const { SnsEndpoint } = await import("./messaging/sns-endpoint.ts");
        return new SnsEndpoint(await this.#sharedMessaging(), this.#options.logger);
      },
    ],
    [
      "sts",
      async () => {
        const { StsEndpoint } = await import("./sts/sts-endpoint.ts");
        return new StsEndpoint();
      },
    ],
    [
      "dynamodb",
      async () => {
        const { DynamodbEndpoint } = await import("./dynamodb/dynamodb-endpoint.ts");
        return new DynamodbEndpoint(this.#directory("dynamodb"), this.#options.logger);
      },
    ],
    [
      "cloudwatch-logs",
      async () => {
        const { LogsEndpoint } = await import("./logs/logs-endpoint.ts");
        return new LogsEndpoint({ ...this.#options, directory: this.#directory("logs") });
      },
    ],
    [
      "eventbridge",
      async () => {
        const { EventsEndpoint } = await import("./events/events-endpoint.ts");
        const { logEndpointSink } = await import("./events/delivery/log-endpoint-sink.ts");
        return new EventsEndpoint({
          ...this.#options,
          directory: this.#directory("events"),
          messaging: async () => await this.#sharedMessaging(),
          logs: async () => logEndpointSink(await this.#required("cloudwatch-logs")),
          apiDestinations: this.#options.apiDestinations ?? new Map<string, string>(),
        });
      },
    ],
  ]);

  async #sharedMessaging(): Promise<Messaging> {
    this.#messaging ??= import("./messaging/messaging.ts").then(({ Messaging }) => new Messaging(this.#directory("messaging")));
    return await this.#messaging;
  }

  /** Below one that is its owner's alone, whatever else may be in the data directory. */
  #directory(name: string): string {
    const own = join(this.#options.dataDir, "embedded");
    makeDirectory(own);
    return join(own, name);
  }
}
