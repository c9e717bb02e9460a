import type { JsonObject } from "../aws/tree.ts";
import type { ApiCall, CallError } from "./api-call.ts";
import { serviceStack } from "./service-stack.ts";
import { s3Error } from "./services/s3-error.ts";

/** How a failed call stands in its record. */
export interface EventError {
  readonly code: string;
  readonly message: string | undefined;
  /** False where AWS writes `requestParameters: null` and no resources. */
  readonly showsParameters: boolean;
  /** What stands in `responseElements` all the same: services behind API Gateway put their denial there. */
  readonly responseElements: JsonObject | null;
}

/** Wire codes of a denial. SNS says AuthorizationError. */
const denials: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AuthorizationError",
  "AuthorizationErrorException",
]);

const throttles: ReadonlySet<string> = new Set([
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "RequestThrottled",
  "RequestThrottledException",
  "RequestLimitExceeded",
]);

/** Failures of the signature itself. */
const preAuthentication: ReadonlySet<string> = new Set([
  "SignatureDoesNotMatch",
  "InvalidSignatureException",
  "IncompleteSignature",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
  "AuthFailure",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidAccessKeyId",
  "InvalidToken",
]);

/**
 * Whether the call failed before AWS knew who made it. CloudTrail does not record such calls as a rule, so a gateway should
 * not either unless its operator asks for it.
 */
export function failedBeforeAuthentication(error: CallError | undefined): boolean {
  return error !== undefined && error.status >= 400 && error.status < 500 && preAuthentication.has(error.code);
}

/** By the service's framework; `readOnly` decides whether a denial behind API Gateway has an answer to show. */
export function eventError(call: ApiCall, error: CallError, readOnly: boolean): EventError {
  const kept = { message: error.message, showsParameters: true, responseElements: null };
  switch (serviceStack(call.serviceId)) {
    case "ec2": {
      const code = `${error.status >= 500 ? "Server" : "Client"}.${error.code}`;
      return { ...kept, code, showsParameters: error.code !== "RequestLimitExceeded" };
    }
    case "s3": {
      const { code, message } = s3Error(call) ?? error;
      return { ...kept, code, message };
    }
    case "api-gateway":
      if (denials.has(error.code)) {
        const shown = readOnly || error.message === undefined ? null : { message: error.message };
        return { code: "AccessDenied", message: undefined, showsParameters: true, responseElements: shown };
      }
      break;
    case "coral":
      if (denials.has(error.code)) return { ...kept, code: "AccessDenied", showsParameters: false };
  }
  if (throttles.has(error.code)) {
    return { code: "ThrottlingException", message: "Rate exceeded", showsParameters: false, responseElements: null };
  }
  // The one name of these that the query protocol shortens without any service's model saying so.
  const shape = error.code === "ValidationError" ? "ValidationException" : error.code;
  const code = call.operation?.errorShape(error.code) ?? shape;
  // CloudFormation looks at a request as a whole or not at all.
  if (call.serviceId === "cloudformation" && code === "ValidationException") return { ...kept, code, showsParameters: false };
  if (call.serviceId === "kms" && code === "NotFoundException") return { ...kept, code, showsParameters: false };
  if (call.serviceId === "eventbridge" && call.operationName === "DescribeRule" && code === "ResourceNotFoundException") {
    return { ...kept, code: "UnknownError", message: "An unknown error occurred" };
  }
  return { ...kept, code };
}
