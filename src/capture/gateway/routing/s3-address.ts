import { decodePercent } from "../../../aws/codec/decode-percent.ts";
import type { S3Host } from "./aws-host.ts";

/** What an S3 request is addressed to. */
export interface S3Address {
  readonly bucket: string | undefined;
  readonly key: string | undefined;
}

/**
 * Bucket and key of an S3 request: bucket in front of the host (virtual-hosted style) or as first segment of the path
 * (path style). The key is decoded once and keeps its slashes, leading ones included.
 */
export function readS3Address(path: string, host: S3Host | undefined): S3Address {
  if (host?.bucket !== undefined) return { bucket: host.bucket, key: nonEmpty(path.slice(1)) };
  const slash = path.indexOf("/", 1);
  const bucket = nonEmpty(slash === -1 ? path.slice(1) : path.slice(1, slash));
  return { bucket, key: slash === -1 || bucket === undefined ? undefined : nonEmpty(path.slice(slash + 1)) };
}

function nonEmpty(encoded: string): string | undefined {
  return encoded === "" ? undefined : decodePercent(encoded);
}
