import type { Json, JsonObject } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import { jsonObject } from "./json-object.ts";

/**
 * Members and order of the records of 2026. Sizes are octets of bodies on the wire, chunk framing included; times are
 * epoch milliseconds, `turnAroundTime` milliseconds until the answer began. `aclRequired` is missing: only the backend
 * knows whether an ACL decided.
 */
export function s3AdditionalEventData(call: ApiCall): JsonObject {
  const { response, signature, tls } = call;
  const batch = call.operationName === "DeleteObjects";
  return jsonObject([
    ["SignatureVersion", signatureVersion(call)],
    ["CipherSuite", tls?.cipherSuite],
    ["objectSize", objectSize(call)],
    // DeleteObjects itself counts no bytes; the guide gives its traffic to the deletions that it causes.
    ["bytesTransferredIn", batch ? 0 : call.request.bodyBytes],
    ["SSEApplied", sseApplied(call)],
    ["startTime", call.startedAt],
    ["AuthenticationMethod", { header: "AuthHeader", query: "QueryString", none: undefined }[signature.method]],
    ["endTime", call.completedAt],
    ["x-amz-id-2", response?.headers.get("x-amz-id-2")],
    ["turnAroundTime", turnAroundTime(call)],
    ["httpStatusCode", response?.status],
    ["bytesTransferredOut", batch ? 0 : (response?.bodyBytes ?? 0)],
    ["availabilityZone", availabilityZone(call)],
    ["sessionModeApplied", sessionMode(call)],
  ]);
}

function signatureVersion({ signature, signingName }: ApiCall): Json | undefined {
  // Session credentials of S3 Express are spelt otherwise than everybody else's.
  if (signingName === "s3express" && signature.version === "SigV4") return "Sigv4";
  return signature.version;
}

/** Directory buckets carry it in their name: `NAME--use1-az4--x-s3`. */
function availabilityZone({ request }: ApiCall): string | undefined {
  return /--([a-z0-9-]{1,32})--x-s3$/.exec(request.s3?.bucket ?? "")?.[1];
}

/** Only CreateSession says it; the calls within a session carry a token that nobody else can read. */
function sessionMode({ operationName, request, error }: ApiCall): string | undefined {
  if (operationName !== "CreateSession" || error !== undefined) return undefined;
  return request.headers.get("x-amz-create-session-mode") ?? "ReadWrite";
}

/** Not written for HEAD, for answers without content, and for refusals. */
function turnAroundTime({ request, response, startedAt }: ApiCall): number | undefined {
  if (response === undefined || request.method === "HEAD" || response.status === 204 || response.status >= 400) return undefined;
  return Math.max(0, response.startedAt - startedAt);
}

/** Bytes of the whole object; known where its content or its head passed by. */
function objectSize(call: ApiCall): number | undefined {
  const { operationName, request, response, error } = call;
  if (error !== undefined || response === undefined || response.status >= 400) return undefined;
  switch (operationName) {
    case "PutObject":
    case "UploadPart":
      return wholeNumber(request.headers.get("x-amz-decoded-content-length")) ?? request.bodyBytes;
    case "GetObject":
    case "HeadObject":
      return (
        wholeNumber(/\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1]) ??
        wholeNumber(response.headers.get("content-length")) ??
        // Without length and bytes it is S3's own read for a copy, whose size never passed by.
        (request.method === "HEAD" || call.sourceIp === "AWS Internal" ? undefined : response.bodyBytes)
      );
    default:
      return undefined;
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/**
 * `Default_…` where the request did not ask for encryption. A reader cannot tell how the object's writer came by it; the
 * bucket's default is by far the commonest.
 */
function sseApplied({ request, response }: ApiCall): string | undefined {
  if (response === undefined) return undefined;
  // Some makers of S3 do not repeat it, but nobody can read or write such an object without.
  const customer = "x-amz-server-side-encryption-customer-algorithm";
  const failed = response.status >= 300;
  if (response.headers.has(customer) || (!failed && request.headers.has(customer))) return "SSE_C";
  const algorithm = response.headers.get("x-amz-server-side-encryption");
  if (algorithm === undefined) return undefined;
  const kind = algorithm.startsWith("aws:kms") ? "SSE_KMS" : "SSE_S3";
  return request.headers.has("x-amz-server-side-encryption") ? kind : `Default_${kind}`;
}
