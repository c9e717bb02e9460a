import { AwsError } from "../../aws/aws-error.ts";
import { EndpointFailure, type Endpoint, type EndpointRequest, type EndpointResponse } from "../../aws/endpoint.ts";
import type { Logger } from "../../base/logger.ts";
import { headerOf } from "../header-of.ts";
import { readWholeBody } from "../read-whole-body.ts";
import { internalFailure, notImplemented, refuse } from "../refuse.ts";
import { type FauxqsError, isFauxqsError, SQS_OPERATIONS } from "./fauxqs.ts";
import type { MessagingPlace } from "./messaging-place.ts";
import type { Messaging } from "./messaging.ts";
import { fromFauxqsAnswer, toFauxqsRequest } from "./queue-answer.ts";
import { readSqsInput, sqsAnswer } from "./sqs-wire.ts";

/** A batch holds 1 MiB of messages, which JSON may spell six times as long, and their attributes. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** With `.fifo` at the end the 80 characters include it. */
const QUEUE_NAME = /^(?=.{1,80}$)[A-Za-z0-9_-]+(?:\.fifo)?$/;

/** SQS by both of its protocols, on fauxqs. What it keeps belongs to the caller's account and region. */
export class SqsEndpoint implements Endpoint {
  readonly #messaging: Messaging;
  readonly #logger: Logger;

  constructor(messaging: Messaging, logger: Logger) {
    this.#messaging = messaging;
    this.#logger = logger;
  }

  async send(request: EndpointRequest): Promise<EndpointResponse> {
    const { context } = request;
    const { operationName } = context;
    if (!SQS_OPERATIONS.has(operationName)) return refuse(request, notImplemented(request));
    try {
      const body = readSqsInput(request, await readWholeBody(request, MAX_BODY_BYTES));
      checkName(operationName, body);
      const place = await this.#messaging.at(context);
      const answer = await place.sqs(operationName, toFauxqsRequest(body, place.place));
      if (request.signal.aborted) {
        await putBack(place, body, answer);
        throw new EndpointFailure("aborted", "the client went away before the answer");
      }
      const origin = `${context.scheme ?? "http"}://${headerOf(request, "host") ?? "localhost"}`;
      return sqsAnswer(request, fromFauxqsAnswer({ ...(answer as object) }, place.place, origin));
    } catch (error) {
      if (error instanceof EndpointFailure) throw error;
      if (error instanceof AwsError) return refuse(request, error);
      if (isFauxqsError(error)) return refusal(request, error);
      this.#logger.error({ err: error, operation: operationName }, "an SQS call failed");
      return refuse(request, internalFailure());
    }
  }

  /** The one who made the messaging closes it. */
  async close(): Promise<void> {}
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

/** Either protocol has its own names for the errors; fauxqs knows both. */
function refusal(request: EndpointRequest, { code, message, statusCode, queryErrorHeader }: FauxqsError): EndpointResponse {
  if (request.context.protocol === "awsQuery") {
    const queryCode = queryErrorHeader?.split(";", 1)[0] ?? code;
    return refuse(request, new AwsError(queryCode, message, statusCode));
  }
  const answer = refuse(request, new AwsError(`com.amazonaws.sqs#${code}`, message, statusCode));
  if (queryErrorHeader === undefined) return answer;
  return { ...answer, headers: [...answer.headers, "x-amzn-query-error", queryErrorHeader] };
}
