import { createHash, createPublicKey, verify } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type { StoredObject } from "./flaky-s3.ts";

/** A public key as ListPublicKeys shows it. */
export interface PublicKey {
  readonly Value: string;
  readonly Fingerprint: string;
}

export interface DeliveryFindings {
  readonly problems: readonly string[];
  readonly files: number;
  readonly events: number;
  readonly digests: number;
}

/** What stands in a digest, as far as it is checked. */
interface Digest {
  readonly digestStartTime: string;
  readonly digestEndTime: string;
  readonly digestS3Bucket: string;
  readonly digestS3Object: string;
  readonly digestPublicKeyFingerprint: string;
  readonly previousDigestS3Object: string | null;
  readonly previousDigestHashValue: string | null;
  readonly previousDigestSignature: string | null;
  readonly logFiles: readonly { readonly s3Object: string; readonly hashValue: string }[];
}

/**
 * Imports a bucket as an outsider would, by sets: each of `expected` event ids in exactly one log file, each log file in exactly one
 * digest with its right hash, each digest signed, named by its successor, and beginning where its predecessor ended.
 */
export function checkDelivery(
  objects: ReadonlyMap<string, StoredObject>,
  expected: ReadonlySet<string>,
  keys: readonly PublicKey[],
): DeliveryFindings {
  const problems: string[] = [];
  const places = new Map<string, string[]>();
  const files = new Map<string, string>();
  const digests: { readonly key: string; readonly text: Buffer; readonly digest: Digest; readonly object: StoredObject }[] = [];
  for (const [key, object] of objects) {
    const text = gunzipSync(object.body);
    if (key.includes("/CloudTrail-Digest/")) {
      digests.push({ key, text, digest: JSON.parse(text.toString()) as Digest, object });
      continue;
    }
    files.set(key, sha256(text));
    const { Records } = JSON.parse(text.toString()) as { Records: { eventID: string }[] };
    if (Records.length === 0) problems.push(`${key} holds no record`);
    for (const { eventID } of Records) places.set(eventID, [...(places.get(eventID) ?? []), key]);
  }
  for (const id of expected) if (!places.has(id)) problems.push(`event ${id} is in no file`);
  for (const [id, found] of places) {
    if (found.length > 1) problems.push(`event ${id} is ${found.length} times in ${[...new Set(found)].join(", ")}`);
    if (!expected.has(id)) problems.push(`event ${id} in ${found[0]} was not to be delivered`);
  }
  checkDigests(problems, digests, files, keys);
  return { problems, files: files.size, events: places.size, digests: digests.length };
}

function checkDigests(
  problems: string[],
  digests: readonly { readonly key: string; readonly text: Buffer; readonly digest: Digest; readonly object: StoredObject }[],
  files: ReadonlyMap<string, string>,
  keys: readonly PublicKey[],
): void {
  const named = new Map<string, number>();
  const byKey = new Map(digests.map((one) => [one.key, one]));
  let starting = 0;
  const successors = new Map<string, number>();
  for (const { key, text, digest, object } of digests) {
    if (digest.digestS3Object !== key) problems.push(`${key} says that it is ${digest.digestS3Object}`);
    const signature = object.headers["x-amz-meta-signature"] ?? "";
    const signed = [
      digest.digestEndTime,
      `${digest.digestS3Bucket}/${digest.digestS3Object}`,
      sha256(text),
      digest.previousDigestSignature ?? "null",
    ].join("\n");
    const publicKey = keys.find(({ Fingerprint }) => Fingerprint === digest.digestPublicKeyFingerprint);
    const holds =
      publicKey !== undefined &&
      verify(
        "sha256",
        Buffer.from(signed),
        createPublicKey({ key: Buffer.from(publicKey.Value, "base64"), format: "der", type: "pkcs1" }),
        Buffer.from(signature, "hex"),
      );
    if (!holds) problems.push(`the signature of ${key} does not hold`);
    for (const { s3Object, hashValue } of digest.logFiles) {
      named.set(s3Object, (named.get(s3Object) ?? 0) + 1);
      if (files.get(s3Object) !== hashValue) problems.push(`${key} has another hash for ${s3Object}`);
    }
    if (digest.previousDigestS3Object === null) {
      // A backfill digest begins a chain of its own.
      if (!key.includes("_backfill")) starting += 1;
      continue;
    }
    successors.set(digest.previousDigestS3Object, (successors.get(digest.previousDigestS3Object) ?? 0) + 1);
    const previous = byKey.get(digest.previousDigestS3Object);
    if (previous === undefined) {
      problems.push(`${key} follows ${digest.previousDigestS3Object}, which is not there`);
      continue;
    }
    if (digest.previousDigestHashValue !== sha256(previous.text)) problems.push(`${key} has another hash for its predecessor`);
    if (digest.previousDigestSignature !== previous.object.headers["x-amz-meta-signature"])
      problems.push(`${key} has another signature for its predecessor`);
  }
  checkWindows(problems, digests);
  if (starting !== 1) problems.push(`${starting} digests begin a chain`);
  for (const [key, count] of successors) if (count > 1) problems.push(`${count} digests follow ${key}`);
  for (const key of files.keys()) if (named.get(key) !== 1) problems.push(`${named.get(key) ?? 0} digests name ${key}`);
}

/** What a digest is about begins where the one before ended, those that make up for missed windows among them. */
function checkWindows(problems: string[], digests: readonly { readonly key: string; readonly digest: Digest }[]): void {
  // The folder of the account and the Region.
  const chains = Map.groupBy(digests, ({ key }) => /^.*\/CloudTrail-Digest\/[^/]+\//.exec(key)?.[0] ?? key);
  for (const chain of chains.values()) {
    const ordered = chain.toSorted((a, b) => Date.parse(a.digest.digestEndTime) - Date.parse(b.digest.digestEndTime));
    for (const [at, { key, digest }] of ordered.entries()) {
      const before = ordered[at - 1];
      if (before !== undefined && digest.digestStartTime !== before.digest.digestEndTime)
        problems.push(`${key} begins at ${digest.digestStartTime}, ${before.key} ended at ${before.digest.digestEndTime}`);
    }
  }
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
