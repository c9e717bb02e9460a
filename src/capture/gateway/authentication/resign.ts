import type { Readable } from "node:stream";
import type { HostedRequest } from "../../../aws/endpoint.ts";
import type { AsymmetricKeys } from "../../../aws/sigv4/asymmetric-keys.ts";
import { formatAmzDate } from "../../../aws/sigv4/amz-date.ts";
import { canonicalRequest, type PathRule } from "../../../aws/sigv4/canonical-request.ts";
import { ChunkSigner } from "../../../aws/sigv4/chunk-signer.ts";
import type { SigningKeys } from "../../../aws/sigv4/signing-keys.ts";
import { scopeText } from "../../../aws/sigv4/signing-scope.ts";
import { ECDSA_ALGORITHM, macHex, stringToSign } from "../../../aws/sigv4/string-to-sign.ts";
import { endToEndLines } from "../routing/header-lines.ts";
import type { RequestHead } from "../routing/request-head.ts";
import { headOf, pathFor, withLines } from "./hosted-request.ts";
import { ResignedChunks, resignedLength } from "./resigned-chunks.ts";
import { signableHead } from "./signable-head.ts";
import type { SignatureClaim } from "./signature-claim.ts";

/** A request whose signature held, with what it takes to sign it again. */
export interface SignedRequest {
  readonly head: RequestHead;
  /** In front of the client's host; undefined for path style and for all but S3. */
  readonly bucket: string | undefined;
  /** Of a body in signed chunks: what it is after its check. */
  readonly chunks: Readable | undefined;
  readonly claim: SignatureClaim;
  readonly secret: string;
  readonly rule: PathRule;
  /** The last line of the canonical request. */
  readonly payload: string;
  readonly now: number;
  readonly keys: SigningKeys;
  readonly asymmetricKeys: AsymmetricKeys;
}

type Lines = Map<string, readonly [string, string] | undefined>;

/** Never part of a new signature: they concern one connection, or whoever passes the request on writes them anew. */
const UNSIGNED = new Set([
  "connection",
  "content-length",
  "expect",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "keep-alive",
]);

/**
 * Signs a request for another host with the caller's own key, in the form that it came in: a presigned one keeps its time and
 * its expiry, any other is signed for now, and signed chunks are cut and signed anew as they pass.
 */
export function resign(request: SignedRequest, host: string): HostedRequest {
  return request.claim.form === "query" ? presignAgain(request, host) : signAgain(request, host);
}

function signAgain(request: SignedRequest, host: string): HostedRequest {
  const { head, claim, now, chunks } = request;
  const date = formatAmzDate(now);
  const scope = { ...claim.scope, date: date.slice(0, 8) };
  const lines: Lines = new Map([
    ["host", ["Host", host]],
    ["x-amz-date", ["X-Amz-Date", date]],
    ["authorization", undefined],
  ]);
  if (chunks !== undefined) announceLength(lines, head);
  const target = pathFor(head, request.bucket);
  const headers = withLines(endToEndLines(head.rawHeaders), lines);
  const again: SignatureClaim = {
    ...claim,
    date,
    scope,
    scopeText: scopeText(scope),
    signedHeaders: namesToSign(claim, headers),
  };
  const signature = signatureOf(request, again, target, headers);
  headers.push(
    "Authorization",
    `${claim.algorithm} Credential=${claim.accessKeyId}/${again.scopeText}, SignedHeaders=${again.signedHeaders.join(";")}, Signature=${signature}`,
  );
  return { target, headers, ...(chunks === undefined ? {} : { body: rechunked(request, chunks, again, signature) }) };
}

function presignAgain(request: SignedRequest, host: string): HostedRequest {
  const { head, claim, chunks } = request;
  const lines: Lines = new Map([["host", ["Host", host]]]);
  if (chunks !== undefined) announceLength(lines, head);
  const headers = withLines(endToEndLines(head.rawHeaders), lines);
  const target = pathFor(head, request.bucket);
  const signature = signatureOf(request, claim, target, headers);
  return {
    target: target.replace(/([?&]x-amz-signature=)[^&]*/i, (_, name: string) => `${name}${signature}`),
    headers,
    ...(chunks === undefined ? {} : { body: rechunked(request, chunks, claim, signature) }),
  };
}

function signatureOf(request: SignedRequest, claim: SignatureClaim, target: string, headers: readonly string[]): string {
  const { head, secret, rule, payload, keys, asymmetricKeys } = request;
  const signable = signableHead(headOf(head.method, { target, headers }));
  const canonical = canonicalRequest(signable, rule, claim.signedHeaders, payload);
  const text = stringToSign(claim.algorithm, claim.date, claim.scopeText, canonical);
  if (claim.algorithm === ECDSA_ALGORITHM) return asymmetricKeys.sign(claim.accessKeyId, secret, text);
  const key = keys.keyFor(secret, claim.scope);
  keys.remember(secret, claim.scope, key);
  return macHex(key, text);
}

/** What the caller signed and still goes along, and what AWS wants signed. */
function namesToSign(claim: SignatureClaim, headers: readonly string[]): readonly string[] {
  const present = new Set<string>();
  for (let i = 0; i < headers.length; i += 2) present.add((headers[i] ?? "").toLowerCase());
  const names = [...claim.signedHeaders.filter((name) => present.has(name) && !UNSIGNED.has(name)), "host"];
  for (const name of present) if (name.startsWith("x-amz-")) names.push(name);
  return [...new Set(names)].sort();
}

/** Chunks of our size make another length than the client's. */
function announceLength(lines: Lines, head: RequestHead): void {
  const length = resignedLength(head.headers);
  lines.set("content-length", length === undefined ? undefined : ["Content-Length", String(length)]);
}

function rechunked(request: SignedRequest, checked: Readable, claim: SignatureClaim, seed: string): Readable {
  const { secret, keys } = request;
  const signer = new ChunkSigner(keys.keyFor(secret, claim.scope), claim.date, claim.scopeText, seed);
  return new ResignedChunks(checked, signer, { trailers: request.payload.endsWith("-TRAILER") });
}
