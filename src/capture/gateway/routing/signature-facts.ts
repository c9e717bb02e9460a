import type { Signature } from "../../../event/api-call.ts";
import { isRegionName } from "../../../aws/region.ts";
import { remembered } from "../../../base/remembered.ts";
import { queryValue, type RequestHead } from "./request-head.ts";

/** What the signature of a request says, before anybody has checked it. */
export interface SignatureFacts {
  readonly signature: Signature;
  readonly accessKeyId: string | undefined;
  /** A session token came along. */
  readonly temporary: boolean;
  /** Of the credential scope; undefined for SigV2 and unsigned requests. */
  readonly signingName: string | undefined;
  readonly region: string | undefined;
  readonly bearer: boolean;
}

const unsigned: Omit<SignatureFacts, "temporary"> = {
  signature: { version: undefined, method: "none" },
  accessKeyId: undefined,
  signingName: undefined,
  region: undefined,
  bearer: false,
};

/**
 * Reads the forms that AWS documents in "Signing AWS API requests": SigV4 and SigV4A in the Authorization header or the
 * query string, SigV2 in S3's header (`AWS KEY:signature`), in S3's query string (`AWSAccessKeyId`) and in that of query
 * services, and bearer tokens. Anything else counts as unsigned.
 */
export function readSignature(head: RequestHead): SignatureFacts {
  const temporary =
    head.headers.has("x-amz-security-token") ||
    head.headers.has("x-amz-s3session-token") ||
    queryValueAnyCase(head, "x-amz-security-token") !== undefined ||
    queryValue(head, "SecurityToken") !== undefined;
  return { ...readForm(head), temporary };
}

function readForm(head: RequestHead): Omit<SignatureFacts, "temporary"> {
  const authorization = head.headers.get("authorization");
  if (authorization !== undefined) return fromHeader(authorization, head) ?? unsigned;
  const credential = queryValueAnyCase(head, "x-amz-credential");
  if (credential !== undefined) {
    const asymmetric = queryValueAnyCase(head, "x-amz-algorithm") === "AWS4-ECDSA-P256-SHA256";
    return fromCredential(credential, "query", asymmetric, queryValueAnyCase(head, "x-amz-region-set"));
  }
  const legacyKey = queryValue(head, "AWSAccessKeyId");
  if (legacyKey !== undefined && queryValue(head, "Signature") !== undefined) {
    return sigV2(legacyKey, "query", queryValue(head, "SignatureVersion") === undefined);
  }
  return unsigned;
}

function fromHeader(authorization: string, head: RequestHead): Omit<SignatureFacts, "temporary"> | undefined {
  const v4 = /^AWS4-(HMAC-SHA256|ECDSA-P256-SHA256)\s+(.*)$/s.exec(authorization);
  if (v4 !== null) {
    const credential = /(?:^|[\s,])Credential=([^,\s]+)/.exec(v4[2] ?? "")?.[1];
    if (credential === undefined) return undefined;
    if (v4[1] === "HMAC-SHA256") return fromHeaderCredential(credential);
    return fromCredential(credential, "header", true, head.headers.get("x-amz-region-set"));
  }
  const v2 = /^AWS ([^:\s]+):/.exec(authorization);
  if (v2 !== null) return sigV2(v2[1] ?? "", "header", true);
  if (/^Bearer /i.test(authorization)) return { ...unsigned, bearer: true };
  return undefined;
}

/** A client sends the same credential all day. */
const fromHeaderCredential = remembered((credential) => fromCredential(credential, "header", false));

/** `KEY/DATE/REGION/SERVICE/aws4_request`; SigV4A leaves the region out. A POST form carries the same text. */
export function fromCredential(
  credential: string,
  method: "header" | "query",
  asymmetric: boolean,
  regionSet?: string,
): Omit<SignatureFacts, "temporary"> {
  const parts = credential.split("/");
  // Read from the end: keys of other makers may contain a slash.
  const scope = parts.slice(asymmetric ? -3 : -4);
  const accessKeyId = parts.slice(0, parts.length - scope.length).join("/");
  const [, region, service] = asymmetric ? [scope[0], soleRegion(regionSet), scope[1]] : scope;
  return {
    signature: { version: asymmetric ? "SigV4A" : "SigV4", method },
    accessKeyId: boundedKey(accessKeyId),
    signingName: service !== undefined && /^[A-Za-z0-9._-]{1,64}$/.test(service) ? service.toLowerCase() : undefined,
    region: region !== undefined && isRegionName(region) ? region : undefined,
    bearer: false,
  };
}

/** S3 and the query services are all that SigV2 was ever used for; where a key is S3's, the scope is known. */
function sigV2(accessKeyId: string, method: "header" | "query", isS3: boolean): Omit<SignatureFacts, "temporary"> {
  return {
    signature: { version: "SigV2", method },
    accessKeyId: boundedKey(accessKeyId),
    signingName: isS3 ? "s3" : undefined,
    region: undefined,
    bearer: false,
  };
}

/** Only a set of one names the region that serves the call. */
function soleRegion(regionSet: string | undefined): string | undefined {
  const region = regionSet?.trim();
  return region === undefined || region.includes("*") || region.includes(",") ? undefined : region;
}

/** AWS's own key ids have 16 to 128 characters of `\w`; other makers take what they like, and records must stay small. */
function boundedKey(key: string): string | undefined {
  return key === "" ? undefined : key.slice(0, 128);
}

/** Clients write the presigned parameters in either case (`x-amz-credential` in SDK for Ruby's and MinIO's links). */
function queryValueAnyCase(head: RequestHead, lowerName: string): string | undefined {
  return head.query.find(([name]) => name.length === lowerName.length && name.toLowerCase() === lowerName)?.[1];
}
