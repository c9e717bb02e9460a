import type { Readable } from "node:stream";
import { AwsError } from "../../aws/aws-error.ts";
import type { Clock } from "../../base/clock.ts";
import type { S3Store } from "./s3-store.ts";
import type { StoredBucket, StoredObject } from "./stored.ts";

/** One S3 request, addressed and taken apart. */
export interface S3Call {
  readonly store: S3Store;
  readonly clock: Clock;
  readonly bucket: string;
  /** "" for calls on a bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** Lower-case names, lines of one name joined. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Readable;
  readonly signal: AbortSignal;
  readonly region: string;
  readonly accountId: string;
  /** The Host header. */
  readonly host: string;
}

export interface S3Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is XML or JSON; a stream needs its `content-length` in the headers. */
  readonly body?: string | Readable;
}

export type S3Operation = (call: S3Call) => S3Answer | Promise<S3Answer>;

/** Throws `NoSuchBucket`. */
export function bucketOf(call: S3Call, name = call.bucket): StoredBucket {
  const bucket = call.store.buckets.get(name);
  if (bucket === undefined) throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
  return bucket;
}

/** Throws `NoSuchBucket`, `NoSuchKey`, and `NoSuchVersion` for every version but "null", the one of buckets without versions. */
export function objectOf(
  call: S3Call,
  bucket = call.bucket,
  key = call.key,
  version = call.query.get("versionId"),
): StoredObject {
  bucketOf(call, bucket);
  checkVersion(version);
  const object = call.store.objects.get(bucket, key);
  if (object === undefined) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
  return object;
}

export function checkVersion(version: string | null): void {
  if (version === null || version === "null") return;
  throw new AwsError("NoSuchVersion", "The specified version does not exist.", 404);
}
