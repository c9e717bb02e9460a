import { AwsError } from "../../../aws/aws-error.ts";
import { isoSeconds } from "../../../base/clock.ts";
import type { Problem, ScopeFault } from "./signature-problem.ts";

const CREDENTIAL_FORM = `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`;
const QUERY_PARAMETERS =
  "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, " +
  "X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
/** S3 shows all of it; an answer need not repeat tens of kilobytes in two forms. */
const SHOWN_BYTES = 4096;

/** The answer of S3 ("Error responses" of the Amazon S3 API Reference, and what S3 is seen to say). */
export function s3Refusal(problem: Problem, form: "header" | "query"): AwsError {
  switch (problem.kind) {
    case "unsigned":
      return new AwsError("AccessDenied", "Access Denied", 403);
    case "unsupported":
      return unsupported(problem.form);
    case "unsupported-authorization":
      return argument("Unsupported Authorization Type", "Authorization", problem.text);
    case "several-mechanisms":
      return argument(
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
        "Authorization",
        problem.text,
      );
    case "incomplete":
      return malformed("header", "the authorization header requires three components: Credential, SignedHeaders, and Signature.");
    case "incomplete-query":
      return new AwsError("AuthorizationQueryParametersError", QUERY_PARAMETERS, 400);
    case "unsupported-algorithm":
      return malformed("query", `X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"`, true);
    case "no-date":
      return new AwsError("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", 403);
    case "bad-date":
      return form === "query"
        ? malformed("query", `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`, true)
        : new AwsError("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", 403);
    case "bad-expiry":
      return malformed("query", EXPIRIES[problem.reason], true);
    case "bad-credential":
      return malformed(form, CREDENTIAL_FORM);
    case "bad-scope": {
      const [fault] = problem.faults;
      return malformed(form, fault === undefined ? CREDENTIAL_FORM : scopeSentence(fault, form), false, regionMember(fault));
    }
    case "headers-not-signed":
      return new AwsError("AccessDenied", "There were headers present in the request which were not signed", 403, {
        HeadersNotSigned: problem.names.join(", "),
      });
    case "no-payload-hash":
      return new AwsError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400);
    case "bad-payload-hash":
      return argument(
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
        "x-amz-content-sha256",
        problem.text,
      );
    case "unknown-key":
      return new AwsError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403, {
        AWSAccessKeyId: problem.accessKeyId,
      });
    case "bad-token":
      return new AwsError("InvalidToken", "The provided token is malformed or otherwise invalid.", 400, {
        "Token-0": problem.token.slice(0, SHOWN_BYTES),
      });
    case "expired-token":
      return new AwsError("ExpiredToken", "The provided token has expired.", 400, {
        "Token-0": problem.token.slice(0, SHOWN_BYTES),
      });
    case "skewed":
      return new AwsError(
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
        403,
        {
          RequestTime: problem.date,
          ServerTime: isoSeconds(problem.now),
          MaxAllowedSkewMilliseconds: String(problem.skew),
        },
      );
    case "not-yet-valid":
      return new AwsError("AccessDenied", "Request is not valid yet", 403, {
        "X-Amz-Date": problem.date,
        ServerTime: isoSeconds(problem.now),
      });
    case "expired-request":
      return new AwsError("AccessDenied", "Request has expired", 403, {
        "X-Amz-Expires": String(problem.expires),
        Expires: isoSeconds(problem.expiresAt),
        ServerTime: isoSeconds(problem.now),
      });
    case "mismatch":
      return mismatch(problem);
    case "wrong-body":
      return new AwsError(
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        400,
        { ClientComputedContentSHA256: problem.claimed, S3ComputedContentSHA256: problem.computed },
      );
    case "wrong-chunk":
      return new AwsError("SignatureDoesNotMatch", MISMATCH, 403);
    case "malformed-chunks":
      return new AwsError("InvalidRequest", `The aws-chunked body has ${problem.text}`, 400);
    case "incomplete-chunks":
      return new AwsError(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
        400,
      );
    case "policy":
      return new AwsError("AccessDenied", `Invalid according to Policy: ${problem.text}`, 403);
    case "bad-policy":
      return new AwsError("InvalidPolicyDocument", `Invalid Policy: ${problem.text}`, 400);
    case "no-body":
      return new AwsError("RequestTimeout", "The request's body was not received within the timeout period.", 400);
    case "body-too-large":
      return new AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400, {
        MaxSizeAllowed: String(problem.limit),
      });
    case "busy":
      return new AwsError("SlowDown", "Please reduce your request rate.", 503);
  }
}

const MISMATCH =
  "The request signature we calculated does not match the signature you provided. Check your key and signing method.";

const EXPIRIES = {
  "not a number": "X-Amz-Expires should be a number",
  negative: "X-Amz-Expires must be non-negative",
  "too long":
    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
};

function unsupported(form: "SigV2" | "bearer" | "events" | "asymmetric-chunks"): AwsError {
  if (form === "SigV2") {
    const text = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
    return new AwsError("InvalidRequest", text, 400);
  }
  if (form === "bearer") return argument("Unsupported Authorization Type", "Authorization", "Bearer");
  return new AwsError("NotImplemented", "A header you provided implies functionality that is not implemented", 501);
}

function mismatch(problem: Extract<Problem, { readonly kind: "mismatch" }>): AwsError {
  const { accessKeyId, stringToSign, signature, canonicalRequest } = problem;
  return new AwsError("SignatureDoesNotMatch", MISMATCH, 403, {
    AWSAccessKeyId: accessKeyId,
    StringToSign: stringToSign,
    SignatureProvided: signature.slice(0, 512),
    StringToSignBytes: bytesOf(stringToSign),
    ...(canonicalRequest === undefined || canonicalRequest.length > SHOWN_BYTES
      ? {}
      : { CanonicalRequest: canonicalRequest, CanonicalRequestBytes: bytesOf(canonicalRequest) }),
  });
}

function bytesOf(text: string): string {
  return Buffer.from(text.slice(0, SHOWN_BYTES), "latin1").toString("hex").replace(/../g, "$& ").trimEnd();
}

function argument(message: string, name: string, value: string): AwsError {
  return new AwsError("InvalidArgument", message, 400, { ArgumentName: name, ArgumentValue: value.slice(0, SHOWN_BYTES) });
}

function malformed(
  form: "header" | "query",
  sentence: string,
  whole = false,
  members: Readonly<Record<string, string>> = {},
): AwsError {
  if (form === "header") {
    return new AwsError("AuthorizationHeaderMalformed", `The authorization header is malformed; ${sentence}`, 400, members);
  }
  const message = whole ? sentence : `Error parsing the X-Amz-Credential parameter; ${sentence}`;
  return new AwsError("AuthorizationQueryParametersError", message, 400, members);
}

function scopeSentence({ part, found, expected }: ScopeFault, form: "header" | "query"): string {
  switch (part) {
    case "region":
      return `the region '${found}' is wrong; expecting '${expected}'`;
    case "service":
      return `incorrect service "${found}". This endpoint belongs to "${expected}".`;
    case "terminator":
      return `incorrect terminal "${found}". This endpoint uses "${expected}".`;
    case "date-format":
      return `incorrect date format "${found}". This date in the credential must be in the format "yyyyMMdd".`;
    case "date": {
      const other = form === "query" ? "X-Amz-Date" : "X-Amz-Date or Date header";
      return `Invalid credential date "${found}". This date is not the same as ${other}: "${expected.slice(0, 8)}".`;
    }
  }
}

function regionMember(fault: ScopeFault | undefined): Readonly<Record<string, string>> {
  return fault?.part === "region" ? { Region: fault.expected } : {};
}
