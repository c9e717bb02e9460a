import { EMPTY_HASH } from "../../../aws/sigv4/string-to-sign.ts";
import type { Routed } from "../routing/routed.ts";
import type { RequestHead } from "../routing/request-head.ts";
import type { SignatureClaim } from "./signature-claim.ts";
import { SignatureProblem } from "./signature-problem.ts";

/** What a request says of its body. */
export type PayloadClaim =
  /** Its hash, which has to be that of the body that comes. */
  | { readonly kind: "hash"; readonly text: string }
  /** Nothing, but the signature covers its hash: it has to be read before the signature can be checked. */
  | { readonly kind: "implied" }
  /** It is not signed; `text` stands in the hash's place. */
  | { readonly kind: "unsigned"; readonly text: string }
  /** Its chunks are signed one by one. */
  | { readonly kind: "chunks"; readonly text: string; readonly trailers: boolean };

const UNSIGNED = "UNSIGNED-PAYLOAD";
const CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";

/**
 * Reads `x-amz-content-sha256`. S3 wants it in every request that is signed in a header, and takes presigned ones as unsigned
 * bodies; of other services only those that take streams take unsigned bodies. Throws `SignatureProblem`.
 */
export function readPayloadClaim(head: RequestHead, claim: SignatureClaim, routed: Routed, isS3: boolean): PayloadClaim {
  const text = payloadText(head, claim);
  if (text === undefined) {
    if (!isS3) return { kind: "implied" };
    if (claim.form === "query") return { kind: "unsigned", text: UNSIGNED };
    throw new SignatureProblem({ kind: "no-payload-hash" });
  }
  if (/^[0-9a-f]{64}$/i.test(text)) return { kind: "hash", text };
  switch (text) {
    case UNSIGNED:
      return isS3 || takesStream(routed) ? { kind: "unsigned", text } : { kind: "implied" };
    case "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
      return { kind: "unsigned", text };
    case CHUNKS:
    case `${CHUNKS}-TRAILER`:
      return { kind: "chunks", text, trailers: text !== CHUNKS };
  }
  if (/^STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD(?:-TRAILER)?$/.test(text))
    throw new SignatureProblem({ kind: "unsupported", form: "asymmetric-chunks" });
  if (text === "STREAMING-AWS4-HMAC-SHA256-EVENTS") throw new SignatureProblem({ kind: "unsupported", form: "events" });
  throw new SignatureProblem({ kind: "bad-payload-hash", text });
}

/** Whether a claimed hash is that of an absent body. */
export function isEmptyHash(text: string): boolean {
  return text.toLowerCase() === EMPTY_HASH;
}

function payloadText(head: RequestHead, claim: SignatureClaim): string | undefined {
  const header = head.headers.get("x-amz-content-sha256")?.trim();
  if (claim.form === "header") return header;
  const parameter = head.query.find(([name]) => name.toLowerCase() === "x-amz-content-sha256")?.[1];
  return parameter ?? (claim.signedHeaders.includes("x-amz-content-sha256") ? header : undefined);
}

/** Stands for the `unsignedPayload` trait, which the services give to operations that take streams, and to no others. */
function takesStream({ operation }: Routed): boolean {
  for (const { traits } of operation?.input?.members.values() ?? []) if (traits.streaming === true) return true;
  return false;
}
