import { AwsError } from "../../../aws/aws-error.ts";
import { checkWriteCondition } from "../conditions.ts";
import { receiveBody } from "../incoming-body.ts";
import { checksumHeaders } from "../checksum-headers.ts";
import { ENCRYPTION, keptHeaders } from "../object-headers.ts";
import { bucketOf, type S3Call, type S3Operation } from "../s3-call.ts";
import type { StoredObject, Stretch } from "../stored.ts";
import { parseTagHeader } from "../tagging.ts";

/** Octets of UTF-8. */
const MAX_KEY_BYTES = 1024;

export const putObject: S3Operation = async (call) => {
  bucketOf(call);
  checkKey(call.key);
  const headers = keptHeaders(call.headers);
  const tags = parseTagHeader(call.headers.get("x-amz-tagging"));
  const { stretch, md5, checksum } = await receiveBody(call);
  const object: StoredObject = {
    bucket: call.bucket,
    key: call.key,
    body: [stretch],
    size: stretch.size,
    etag: `"${md5}"`,
    modified: call.clock.now(),
    headers,
    tags,
    checksum,
  };
  storeObject(call, object);
  return { status: 200, headers: { etag: object.etag, ...ENCRYPTION, ...checksumHeaders(checksum) } };
};

/** Throws `KeyTooLongError`. */
export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new AwsError("KeyTooLongError", "Your key is too long", 400);
}

/** Puts the object in place of what had its key, if the request's conditions hold; its new files go where they do not. */
export function storeObject(call: S3Call, object: StoredObject): void {
  try {
    call.store.release(() => replaceObject(call, object));
  } catch (error) {
    call.store.files.remove(object.body);
    throw error;
  }
}

/** Part of a transaction. Answers the files that nothing names once it is done. Throws `PreconditionFailed`, `NoSuchBucket`. */
export function replaceObject(call: S3Call, object: StoredObject): readonly Stretch[] {
  bucketOf(call);
  checkWriteCondition(call.store.objects.get(object.bucket, object.key), call.headers);
  return call.store.objects.put(object);
}
