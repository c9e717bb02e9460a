import { AwsError } from "../aws/aws-error.ts";
import { encodeError } from "../aws/codec/encode-error.ts";
import type { EndpointRequest, EndpointResponse } from "../aws/endpoint.ts";
import type { Protocol } from "../aws/protocol.ts";
import { headerOf } from "./header-of.ts";

/** The error as the caller's own protocol has it. */
export function refuse(request: EndpointRequest, error: AwsError): EndpointResponse {
  const { context, method, target } = request;
  const head = method === "HEAD";
  const { status, headers, body } = encodeError(context.protocol ?? guessProtocol(request), error, {
    requestId: context.requestId,
    service: context.operation?.service,
    isS3: context.serviceId === "s3",
    resource: target.split("?", 1)[0] ?? target,
    head,
  });
  return { status, headers, body: head ? undefined : body };
}

/** 501, naming what is missing. */
export function notImplemented({ context }: EndpointRequest): AwsError {
  const { serviceId, operationName } = context;
  const what = [serviceId, operationName].filter((part) => part !== "").join(" ") || "this request";
  return new AwsError(
    "NotImplemented",
    `The embedded account does not have ${what}. Configure an upstream for the service to use it.`,
    501,
  );
}

/** A fault of ours. What happened stands in the log, not in the answer. */
export function internalFailure(): AwsError {
  return new AwsError("InternalFailure", "We encountered an internal error. Please try again.", 500);
}

function guessProtocol(request: EndpointRequest): Protocol {
  const type = headerOf(request, "content-type") ?? "";
  if (/x-amz-json-1\.0/i.test(type)) return "awsJson1_0";
  if (/x-amz-json-1\.1/i.test(type)) return "awsJson1_1";
  if (/cbor/i.test(type)) return "rpcv2Cbor";
  if (/x-www-form-urlencoded/i.test(type)) return "awsQuery";
  return request.context.operation?.service.protocols[0] ?? "restJson1";
}
