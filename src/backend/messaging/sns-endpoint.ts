import { AwsError } from "../../aws/aws-error.ts";
import { DecodeError } from "../../aws/codec/decode-failure.ts";
import { EndpointFailure, type Endpoint, type EndpointRequest, type EndpointResponse } from "../../aws/endpoint.ts";
import { parseForm } from "../../aws/query/form.ts";
import type { Logger } from "../../base/logger.ts";
import type { Place } from "../places.ts";
import { readWholeBody } from "../read-whole-body.ts";
import { internalFailure, notImplemented, refuse } from "../refuse.ts";
import { fromFauxqsArns, toFauxqsArns } from "./account-number.ts";
import { isFauxqsError, SNS_OPERATIONS } from "./fauxqs.ts";
import type { Messaging } from "./messaging.ts";

/** A batch holds 256 KiB of messages, which a form may spell three times as long, and their attributes. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** Parameters that name a topic, a subscription or a queue. fauxqs takes a subscription's ARN for the token that confirms it. */
const ARNS = ["TopicArn", "TargetArn", "SubscriptionArn", "ResourceArn", "Endpoint", "Token"];

/** SNS by its query protocol, on fauxqs. Messages go to queues of the same account and region, and nowhere else. */
export class SnsEndpoint implements Endpoint {
  readonly #messaging: Messaging;
  readonly #logger: Logger;

  constructor(messaging: Messaging, logger: Logger) {
    this.#messaging = messaging;
    this.#logger = logger;
  }

  async send(request: EndpointRequest): Promise<EndpointResponse> {
    const { context } = request;
    const { operationName, protocol = "awsQuery" } = context;
    if (!SNS_OPERATIONS.has(operationName) || protocol !== "awsQuery") return refuse(request, notImplemented(request));
    try {
      const body = await readWholeBody(request, MAX_BODY_BYTES);
      const mark = request.target.indexOf("?");
      const source = body.length > 0 || mark < 0 ? body : request.target.slice(mark + 1);
      const place = await this.#messaging.at(context);
      const answer = await place.sns(operationName, readParameters(source, place.place));
      return render(request, ownAnswer(String(answer), request, place.place));
    } catch (error) {
      if (error instanceof EndpointFailure) throw error;
      if (error instanceof AwsError) return refuse(request, error);
      if (isFauxqsError(error)) return refuse(request, new AwsError(error.code, error.message, error.statusCode));
      this.#logger.error({ err: error, operation: operationName }, "an SNS call failed");
      return refuse(request, internalFailure());
    }
  }

  /** The one who made the messaging closes it. */
  async close(): Promise<void> {}
}

function readParameters(source: Uint8Array | string, place: Place): Readonly<Record<string, string>> {
  const parameters: Record<string, string> = Object.create(null);
  try {
    for (const [name, value] of parseForm(source)) parameters[name] = ARNS.includes(name) ? toFauxqsArns(value, place) : value;
  } catch (error) {
    if (error instanceof DecodeError) throw new AwsError("InvalidParameter", `The form ${error.message}`, 400);
    throw error;
  }
  return parameters;
}

function ownAnswer(xml: string, { context }: EndpointRequest, place: Place): string {
  return fromFauxqsArns(xml, place)
    .replace(/<RequestId>[^<]*<\/RequestId>/, `<RequestId>${context.requestId}</RequestId>`)
    .replace("<key>Owner</key><value>000000000000</value>", `<key>Owner</key><value>${place.accountId}</value>`)
    .replaceAll("<Owner>000000000000</Owner>", `<Owner>${place.accountId}</Owner>`)
    .replace("arn:aws:iam::000000000000:user/local", `arn:aws:iam::${place.accountId}:root`);
}

function render({ context }: EndpointRequest, xml: string): EndpointResponse {
  const body = Buffer.from(xml);
  const headers = ["x-amzn-RequestId", context.requestId, "Content-Type", "text/xml", "Content-Length", String(body.length)];
  return { status: 200, headers, body };
}
