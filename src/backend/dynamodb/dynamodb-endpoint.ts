import { crc32 } from "node:zlib";
import { AwsError } from "../../aws/aws-error.ts";
import { EndpointFailure, type Endpoint, type EndpointRequest, type EndpointResponse } from "../../aws/endpoint.ts";
import type { Logger } from "../../base/logger.ts";
import { readWholeBody } from "../read-whole-body.ts";
import { internalFailure, notImplemented, refuse } from "../refuse.ts";
import { DYNAMODB_OPERATIONS } from "./dynalite-messages.ts";
import { DynaliteThread } from "./dynalite-thread.ts";

/** A BatchWriteItem holds 16 MB. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** DynamoDB by its JSON protocol, on dynalite in a thread of its own. Tables belong to the caller's account and region. */
export class DynamodbEndpoint implements Endpoint {
  readonly #thread: DynaliteThread;
  readonly #logger: Logger;

  constructor(directory: string, logger: Logger) {
    this.#thread = new DynaliteThread(directory, logger);
    this.#logger = logger;
  }

  async send(request: EndpointRequest): Promise<EndpointResponse> {
    const { context } = request;
    const { operationName, protocol = "awsJson1_0" } = context;
    if (!DYNAMODB_OPERATIONS.has(operationName) || !protocol.startsWith("awsJson"))
      return refuse(request, notImplemented(request));
    try {
      const text = (await readWholeBody(request, MAX_BODY_BYTES)).toString("utf8");
      const { status, body } = await this.#thread.call(context, operationName, text);
      return render(request, status, Buffer.from(body));
    } catch (error) {
      if (error instanceof EndpointFailure) throw error;
      if (error instanceof AwsError) return refuse(request, error);
      this.#logger.error({ err: error, operation: operationName }, "a DynamoDB call failed");
      return refuse(request, internalFailure());
    }
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }
}

function render({ context }: EndpointRequest, status: number, body: Buffer): EndpointResponse {
  const headers = [
    "x-amzn-RequestId",
    context.requestId,
    "x-amz-crc32",
    String(crc32(body)),
    "Content-Type",
    context.protocol === "awsJson1_1" ? "application/x-amz-json-1.1" : "application/x-amz-json-1.0",
    "Content-Length",
    String(body.length),
  ];
  return { status, headers, body };
}
