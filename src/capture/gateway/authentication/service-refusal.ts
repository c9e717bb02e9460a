import { createHash } from "node:crypto";
import { AwsError } from "../../../aws/aws-error.ts";
import type { Protocol } from "../../../aws/protocol.ts";
import { formatAmzDate } from "../../../aws/sigv4/amz-date.ts";
import type { Problem, ScopeFault } from "./signature-problem.ts";

/** What a kind of refusal is called, and the status that comes with it. */
type Name = readonly [code: string, status: number];

type Matter = "missing" | "unknown" | "mismatch" | "incomplete" | "expired" | "late";

type Names = Readonly<Record<Matter, Name>>;

/** "Common errors" of the services' API references; JSON services answer 400 (DynamoDB, "Error handling"), all others 403. */
const json: Names = {
  missing: ["MissingAuthenticationTokenException", 400],
  unknown: ["UnrecognizedClientException", 400],
  mismatch: ["InvalidSignatureException", 400],
  incomplete: ["IncompleteSignatureException", 400],
  expired: ["ExpiredTokenException", 400],
  late: ["InvalidSignatureException", 400],
};
const restJson: Names = {
  missing: ["MissingAuthenticationTokenException", 403],
  unknown: ["UnrecognizedClientException", 403],
  mismatch: ["InvalidSignatureException", 403],
  incomplete: ["IncompleteSignatureException", 403],
  expired: ["ExpiredTokenException", 403],
  late: ["InvalidSignatureException", 403],
};
const query: Names = {
  missing: ["MissingAuthenticationToken", 403],
  unknown: ["InvalidClientTokenId", 403],
  mismatch: ["SignatureDoesNotMatch", 403],
  incomplete: ["IncompleteSignature", 400],
  expired: ["ExpiredToken", 403],
  late: ["SignatureDoesNotMatch", 403],
};
/** "Error codes for the Amazon EC2 API". */
const ec2: Names = {
  missing: ["MissingAuthenticationToken", 403],
  unknown: ["AuthFailure", 401],
  mismatch: ["AuthFailure", 401],
  incomplete: ["IncompleteSignature", 400],
  expired: ["RequestExpired", 400],
  late: ["RequestExpired", 400],
};

const MISMATCH =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and " +
  "signing method. Consult the service documentation for details.";
const EC2_FAILURE = "AWS was not able to validate the provided access credentials";

/** The answer of any service but S3, in the names that its protocol has for it. */
export function serviceRefusal(problem: Problem, protocol: Protocol): AwsError {
  const names = namesOf(protocol);
  const refuse = (matter: Matter, message: string): AwsError => {
    const [code, status] = names[matter];
    if (names === ec2 && (matter === "unknown" || matter === "mismatch")) return new AwsError(code, EC2_FAILURE, status);
    if (names === ec2 && (matter === "expired" || matter === "late")) return new AwsError(code, "Request has expired.", status);
    return new AwsError(code, message, status);
  };
  switch (problem.kind) {
    case "unsigned":
      return refuse("missing", names === restJson ? "Missing Authentication Token" : "Request is missing Authentication Token");
    case "unsupported":
      // What AWS says to these where a service does not know them is not documented; no SDK of today sends them.
      if (problem.form === "bearer") return refuse("unknown", "The security token included in the request is invalid.");
      return refuse("incomplete", `This endpoint does not verify ${UNSUPPORTED[problem.form]}. Use AWS4-HMAC-SHA256.`);
    case "unsupported-authorization":
    case "unsupported-algorithm":
      return refuse(
        "incomplete",
        "Unsupported AWS 'algorithm'; this endpoint takes AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256.",
      );
    case "several-mechanisms":
      return refuse("incomplete", "Only one auth mechanism allowed: the Authorization header or the X-Amz-Algorithm parameter.");
    case "incomplete":
      return refuse("incomplete", incomplete(problem.missing, problem.text));
    case "incomplete-query":
      return refuse(
        "incomplete",
        "AWS query-string parameters must include 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders' and 'X-Amz-Date', each once. Re-examine the query-string parameters.",
      );
    case "no-date":
      return refuse(
        "incomplete",
        `Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ${hashed(problem.text)}`,
      );
    case "bad-date":
      return refuse(
        "incomplete",
        `Date must be in ISO-8601 'basic format'. Got '${shown(problem.text)}'. See http://en.wikipedia.org/wiki/ISO_8601`,
      );
    case "bad-expiry":
      return refuse("incomplete", "X-Amz-Expires must be a number of seconds from 0 to 604800.");
    case "bad-credential":
      return refuse(
        "incomplete",
        `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${shown(problem.text)}'`,
      );
    case "bad-scope":
      return refuse("mismatch", problem.faults.map((fault) => scopeSentence(fault)).join(" "));
    case "headers-not-signed": {
      const [first = ""] = problem.names;
      const what = first === "host" ? "'Host' or ':authority'" : problem.names.map((name) => `'${name}'`).join(", ");
      return refuse("mismatch", `${what} must be a 'SignedHeader' in the AWS Authorization.`);
    }
    case "no-payload-hash":
    case "bad-payload-hash":
      return refuse("mismatch", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a valid sha256 value.");
    case "unknown-key":
    case "bad-token":
      return refuse("unknown", "The security token included in the request is invalid.");
    case "expired-token":
      return refuse("expired", "The security token included in the request is expired");
    case "skewed":
    case "not-yet-valid":
      return refuse("late", skewSentence(problem));
    case "expired-request": {
      const { date, expires, now } = problem;
      const earliest = formatAmzDate(now - expires * 1000);
      const minutes = Math.round(expires / 60);
      return refuse(
        "late",
        `Signature expired: ${date} is now earlier than ${earliest} (${formatAmzDate(now)} - ${minutes} min.)`,
      );
    }
    case "mismatch":
    case "wrong-body":
    case "wrong-chunk":
      return refuse("mismatch", MISMATCH);
    case "malformed-chunks":
    case "incomplete-chunks":
      return refuse("mismatch", "The chunks of the body are not what was announced.");
    case "policy":
    case "bad-policy":
      return refuse("mismatch", problem.text);
    case "no-body":
      return new AwsError("RequestTimeout", "The request's body was not received within the timeout period.", 400);
    case "body-too-large":
      return new AwsError("RequestEntityTooLargeException", `Request must be smaller than ${problem.limit} bytes`, 413);
    case "busy":
      return new AwsError(
        names === json || names === restJson ? "ThrottlingException" : "Throttling",
        "Rate exceeded: too many long bodies wait to be verified. Please try again.",
        503,
      );
  }
}

const UNSUPPORTED = {
  SigV2: "Signature Version 2",
  events: "signed event streams",
  "asymmetric-chunks": "chunks with asymmetric signatures",
};

function namesOf(protocol: Protocol): Names {
  switch (protocol) {
    case "awsJson1_0":
    case "awsJson1_1":
    case "rpcv2Cbor":
      return json;
    case "restJson1":
      return restJson;
    case "ec2Query":
      return ec2;
    default:
      return query;
  }
}

function incomplete(missing: readonly string[], text: string): string {
  if (missing.length === 0) {
    const digest = createHash("sha256").update(text).digest("base64");
    return `Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '${digest}'.`;
  }
  return `${missing.map((name) => `Authorization header requires '${name}' parameter.`).join(" ")} ${hashed(text)}`;
}

/** The header itself may hold what is secret. */
function hashed(authorization: string): string {
  const digest = createHash("sha256").update(authorization).digest("base64");
  return `(Hashed with SHA-256 and encoded with Base64) Authorization=${digest}`;
}

function shown(text: string): string {
  return text.slice(0, 256).replace(/[^\x20-\x7e]/g, "?");
}

function scopeSentence({ part, found, expected }: ScopeFault): string {
  switch (part) {
    case "region":
      return `Credential should be scoped to a valid region, not '${shown(found)}'.`;
    case "service":
      return `Credential should be scoped to correct service: '${expected}'.`;
    case "terminator":
      return `Credential should be scoped with a valid terminator: '${expected}', not '${shown(found)}'.`;
    case "date-format":
    case "date":
      return `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${shown(found)}' != '${expected.slice(0, 8)}', from '${expected}'.`;
  }
}

function skewSentence({
  date,
  signedAt: at,
  now,
  skew,
}: Extract<Problem, { readonly kind: "skewed" | "not-yet-valid" }>): string {
  const minutes = Math.round(skew / 60_000);
  if (at > now) {
    const latest = formatAmzDate(now + skew);
    return `Signature not yet current: ${date} is still later than ${latest} (${formatAmzDate(now)} + ${minutes} min.)`;
  }
  return `Signature expired: ${date} is now earlier than ${formatAmzDate(now - skew)} (${formatAmzDate(now)} - ${minutes} min.)`;
}
