import { AwsError } from "../../aws/aws-error.ts";
import { EndpointFailure, type Endpoint, type EndpointRequest, type EndpointResponse } from "../../aws/endpoint.ts";
import type { Logger } from "../../base/logger.ts";
import { headerOf } from "../header-of.ts";
import { readWholeBody } from "../read-whole-body.ts";
import { internalFailure, notImplemented, refuse } from "../refuse.ts";
import { isFauxqsError, SQS_OPERATIONS } from "./fauxqs.ts";
import type { MessagingPlace } from "./messaging-place.ts";
import type { Messaging } from "./messaging.ts";
import { fromFauxqsAnswer, toFauxqsRequest } from "./queue-answer.ts";

/** A batch holds 1 MiB of messages, which JSON may spell six times as long, and their attributes. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** With `.fifo` at the end the 80 characters include it. */
const QUEUE_NAME = /^(?=.{1,80}$)[A-Za-z0-9_-]+(?:\.fifo)?$/;

/** SQS by its JSON protocol, on fauxqs. What it keeps belongs to the caller's account and region. */
export class SqsEndpoint implements Endpoint {
  readonly #messaging: Messaging;
  readonly #logger: Logger;

  constructor(messaging: Messaging, logger: Logger) {
    this.#messaging = messaging;
    this.#logger = logger;
  }

  async send(request: EndpointRequest): Promise<EndpointResponse> {
    const { context } = request;
    const { operationName, protocol = "awsJson1_0" } = context;
    if (!SQS_OPERATIONS.has(operationName) || !protocol.startsWith("awsJson")) return refuse(request, notImplemented(request));
    try {
      const body = parseBody(await readWholeBody(request, MAX_BODY_BYTES));
      checkName(operationName, body);
      const place = await this.#messaging.at(context);
      const answer = await place.sqs(operationName, toFauxqsRequest(body, place.place));
      if (request.signal.aborted) {
        await putBack(place, body, answer);
        throw new EndpointFailure("aborted", "the client went away before the answer");
      }
      const origin = `${context.scheme ?? "http"}://${headerOf(request, "host") ?? "localhost"}`;
      return render(request, fromFauxqsAnswer({ ...(answer as object) }, place.place, origin));
    } catch (error) {
      if (error instanceof EndpointFailure) throw error;
      if (error instanceof AwsError) return refuse(request, error);
      if (isFauxqsError(error)) return withQueryError(refuse(request, awsErrorOf(error)), error.queryErrorHeader);
      this.#logger.error({ err: error, operation: operationName }, "an SQS call failed");
      return refuse(request, internalFailure());
    }
  }

  /** The one who made the messaging closes it. */
  async close(): Promise<void> {}
}

function parseBody(bytes: Buffer): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString("utf8") || "{}");
  } catch {
    body = undefined;
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new AwsError("SerializationException", "The request's body is not a JSON object.", 400);
  }
  return body as Record<string, unknown>;
}

function checkName(operation: string, { QueueName: name, QueueUrl: url }: Record<string, unknown>): void {
  if (operation === "CreateQueue" && !(typeof name === "string" && QUEUE_NAME.test(name))) {
    throw new AwsError(
      "InvalidParameterValue",
      "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
      400,
    );
  }
  if (url !== undefined && typeof url !== "string") {
    throw new AwsError("SerializationException", "QueueUrl is not a string.", 400);
  }
}

/** Nobody will see what was received: let others have it now, and not when its visibility timeout is over. */
async function putBack(place: MessagingPlace, body: Record<string, unknown>, answer: unknown): Promise<void> {
  if (typeof answer !== "object" || answer === null || !("Messages" in answer) || !Array.isArray(answer.Messages)) return;
  for (const { ReceiptHandle } of answer.Messages as readonly { readonly ReceiptHandle: string }[]) {
    const back = { QueueUrl: body["QueueUrl"], ReceiptHandle, VisibilityTimeout: 0 };
    await place.sqs("ChangeMessageVisibility", toFauxqsRequest(back, place.place));
  }
}

function awsErrorOf({ code, message, statusCode }: { code: string; message: string; statusCode: number }): AwsError {
  return new AwsError(`com.amazonaws.sqs#${code}`, message, statusCode);
}

function withQueryError(answer: EndpointResponse, header: string | undefined): EndpointResponse {
  return header === undefined ? answer : { ...answer, headers: [...answer.headers, "x-amzn-query-error", header] };
}

function render({ context }: EndpointRequest, answer: object): EndpointResponse {
  const body = Buffer.from(JSON.stringify(answer));
  const headers = [
    "x-amzn-RequestId",
    context.requestId,
    "Content-Type",
    context.protocol === "awsJson1_1" ? "application/x-amz-json-1.1" : "application/x-amz-json-1.0",
    "Content-Length",
    String(body.length),
  ];
  return { status: 200, headers, body };
}
