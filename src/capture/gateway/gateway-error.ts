import { AwsError } from "../../aws/aws-error.ts";
import type { EndpointFailure } from "../../aws/endpoint.ts";

/**
 * What the caller is told when the gateway itself must answer. The words are AWS's "Common errors" where those have one:
 * SDKs treat each of these as transient by its status, and show the message.
 */

/** No connection could be made. */
function unreachable(): AwsError {
  return new AwsError(
    "ServiceUnavailable",
    "The service behind this endpoint could not be reached. Please try again later.",
    503,
  );
}

/** `RequestTimeout` is S3's code, which the SDKs know for every service. */
function timedOut(): AwsError {
  return new AwsError("RequestTimeout", "The service behind this endpoint did not answer in time.", 504);
}

function cutOff(isS3: boolean): AwsError {
  const code = isS3 ? "InternalError" : "InternalFailure";
  return new AwsError(code, "The service behind this endpoint broke off its answer. Please try again.", 502);
}

/** S3's answer to a client that stops sending; other services just close the connection. */
export function requestTimedOut(): AwsError {
  return new AwsError("RequestTimeout", "The request's body was not received within the timeout period.", 400);
}

/** A fault of the gateway's own. What happened stands in the log, not in the answer. */
export function internalFailure(isS3: boolean): AwsError {
  return new AwsError(isS3 ? "InternalError" : "InternalFailure", "We encountered an internal error. Please try again.", 500);
}

/** @param carriedOut the call has been passed on already, so it may have had its effect. */
export function recordingUnavailable(reason: string, carriedOut: boolean): AwsError {
  const effect = carriedOut
    ? "The call may have been carried out, but its answer is withheld because its event could not be recorded"
    : "The call was not carried out because its event could not be recorded";
  return new AwsError("ServiceUnavailable", `Audit recording is unavailable. ${effect}: ${reason}`, 503);
}

export function errorOfFailure(failure: EndpointFailure, isS3: boolean): AwsError {
  switch (failure.reason) {
    case "unreachable":
    case "aborted":
      return unreachable();
    case "timeout":
      return timedOut();
    case "cut-off":
      return cutOff(isS3);
  }
}
