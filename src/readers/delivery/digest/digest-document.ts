import { createHash } from "node:crypto";
import { isoSeconds } from "../../../base/clock.ts";
import type { DigestedFile } from "./delivered-files.ts";

/** The algorithm as digest and metadata name it: RSA PKCS #1 v1.5. */
export const SIGNATURE_ALGORITHM = "SHA256withRSA";

/** A digest that the next one links to. */
export interface DigestLink {
  readonly bucket: string;
  readonly key: string;
  /** SHA-256 of the uncompressed digest and its signature, both lower-case hex. */
  readonly hash: string;
  readonly signature: string;
}

export interface DigestContent {
  readonly account: string;
  /** Epoch seconds. */
  readonly start: number;
  readonly end: number;
  readonly bucket: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly previous: DigestLink | undefined;
  readonly files: readonly DigestedFile[];
}

/** A digest file's uncompressed bytes: members in AWS's order, null where there is nothing, never left out. */
export function writeDigest(content: DigestContent): Uint8Array {
  const { account, start, end, bucket, key, fingerprint, previous, files } = content;
  const [newest, oldest] = extremesOf(files);
  return Buffer.from(
    JSON.stringify({
      awsAccountId: account,
      digestStartTime: timeOf(start),
      digestEndTime: timeOf(end),
      digestS3Bucket: bucket,
      digestS3Object: key,
      digestPublicKeyFingerprint: fingerprint,
      digestSignatureAlgorithm: SIGNATURE_ALGORITHM,
      newestEventTime: newest,
      oldestEventTime: oldest,
      previousDigestS3Bucket: previous?.bucket ?? null,
      previousDigestS3Object: previous?.key ?? null,
      previousDigestHashValue: previous?.hash ?? null,
      previousDigestHashAlgorithm: previous === undefined ? null : "SHA-256",
      previousDigestSignature: previous?.signature ?? null,
      logFiles: files.map((file) => ({
        s3Bucket: file.bucket,
        s3Object: file.key,
        hashValue: file.hash,
        hashAlgorithm: "SHA-256",
        newestEventTime: timeOf(file.newest),
        oldestEventTime: timeOf(file.oldest),
      })),
    }),
  );
}

/** What is signed. Without a former digest its last line is the word `null`, as AWS's own implementation has it. */
export function digestStringToSign(digest: {
  readonly endTime: string;
  readonly bucket: string;
  readonly key: string;
  readonly hash: string;
  readonly previousSignature: string | null;
}): string {
  const { endTime, bucket, key, hash, previousSignature } = digest;
  return `${endTime}\n${bucket}/${key}\n${hash}\n${previousSignature ?? "null"}`;
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function extremesOf(files: readonly DigestedFile[]): readonly [newest: string | null, oldest: string | null] {
  if (files.length === 0) return [null, null];
  let [newest, oldest] = [-Infinity, Infinity];
  for (const file of files) [newest, oldest] = [Math.max(newest, file.newest), Math.min(oldest, file.oldest)];
  return [timeOf(newest), timeOf(oldest)];
}

function timeOf(seconds: number): string {
  return isoSeconds(seconds * 1000);
}
