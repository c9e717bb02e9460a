import { join } from "node:path";
import { EndpointFailure, type Endpoint, type EndpointRequest, type EndpointResponse } from "../aws/endpoint.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { Messaging } from "./messaging/messaging.ts";
import { notImplemented, refuse } from "./refuse.ts";

export interface EmbeddedAccountOptions {
  /** Everything is kept below it; made where it is missing. One process at a time. */
  readonly dataDir: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * What stands behind the gateway when no upstream is configured: enough of S3, SQS, SNS, STS and DynamoDB to try everything
 * with nothing else installed. It trusts whoever reaches it: policies are kept and not applied. Every other service and
 * operation is answered with `NotImplemented` (501) in the caller's protocol.
 *
 * Buckets and objects are shared by all accounts and regions, as bucket names are at AWS; ListBuckets shows every bucket to
 * everybody. Queues, topics and tables belong to the caller's account and region, with ARNs to match, and cannot be reached
 * from others: a topic reaches queues of its own account and region alone. A process serves 64 combinations of account and
 * region for each service.
 *
 * What S3, SQS and SNS have confirmed survives a power cut; DynamoDB's tables survive the end of the process, but the last
 * writes may go with the power.
 */
export async function createEmbeddedAccount(options: EmbeddedAccountOptions): Promise<Endpoint> {
  return new EmbeddedAccount(options);
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
    const { serviceId } = request.context;
    const open = this.#services.get(serviceId);
    if (open === undefined) return refuse(request, notImplemented(request));
    if (this.#closing !== undefined) throw new EndpointFailure("unreachable", "the embedded account is closed");
    let endpoint = this.#endpoints.get(serviceId);
    if (endpoint === undefined) {
      this.#endpoints.set(serviceId, (endpoint = open()));
      // What could not be opened is tried again by the next call.
      endpoint.catch(() => this.#endpoints.delete(serviceId));
    }
    return await (await endpoint).send(request);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    await this.#closing;
  }

  async #closeAll(): Promise<void> {
    const parts = [...this.#endpoints.values(), ...(this.#messaging === undefined ? [] : [this.#messaging])];
    await Promise.all(parts.map(async (part) => (await part.catch(() => undefined))?.close()));
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
  ]);

  async #sharedMessaging(): Promise<Messaging> {
    this.#messaging ??= import("./messaging/messaging.ts").then(({ Messaging }) => new Messaging(this.#directory("messaging")));
    return await this.#messaging;
  }

  #directory(name: string): string {
    return join(this.#options.dataDir, "embedded", name);
  }
}
