import { AwsError } from "../../../aws/aws-error.ts";
import { checksumElements } from "../checksum-headers.ts";
import { copySourceOf } from "../copy-source.ts";
import { MAX_BODY_BYTES } from "../incoming-body.ts";
import { ENCRYPTION, keptHeaders } from "../object-headers.ts";
import { bucketOf, type S3Call, type S3Operation } from "../s3-call.ts";
import { isoMilliseconds, s3Xml } from "../s3-xml.ts";
import type { StoredObject } from "../stored.ts";
import { parseTagHeader } from "../tagging.ts";
import { checkKey, storeObject } from "./put-object.ts";

/**
 * The copy shares its bytes with the source, whatever their number. Where S3 gives the copy of a multipart object the MD5
 * of the whole as its ETag, the copy here keeps the source's ETag and parts.
 */
export const copyObject: S3Operation = async (call) => {
  bucketOf(call);
  checkKey(call.key);
  const source = copySourceOf(call);
  if (source.size > MAX_BODY_BYTES) {
    throw new AwsError(
      "InvalidRequest",
      `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_BODY_BYTES}`,
      400,
    );
  }
  checkChange(call, source);
  const replaceMetadata = directive(call, "x-amz-metadata-directive") === "REPLACE";
  const replaceTags = directive(call, "x-amz-tagging-directive") === "REPLACE";
  const object: StoredObject = {
    bucket: call.bucket,
    key: call.key,
    size: source.size,
    etag: source.etag,
    modified: call.clock.now(),
    headers: replaceMetadata ? keptHeaders(call.headers) : withStorageClass(source, call),
    tags: replaceTags ? parseTagHeader(call.headers.get("x-amz-tagging")) : source.tags,
    checksum: source.checksum,
    body: await call.store.files.share(source.body),
  };
  storeObject(call, object);
  return {
    status: 200,
    headers: ENCRYPTION,
    body: s3Xml("CopyObjectResult", {
      LastModified: isoMilliseconds(object.modified),
      ETag: object.etag,
      ...checksumElements(object.checksum),
      ChecksumType: object.checksum?.type,
    }),
  };
};

/** COPY keeps the metadata, but a storage class belongs to the copy. */
function withStorageClass(source: StoredObject, call: S3Call): Record<string, string> {
  const { "x-amz-storage-class": _old, ...headers } = source.headers;
  const asked = call.headers.get("x-amz-storage-class") ?? "STANDARD";
  return asked === "STANDARD" ? headers : { ...headers, "x-amz-storage-class": asked };
}

function checkChange(call: S3Call, source: StoredObject): void {
  if (source.bucket !== call.bucket || source.key !== call.key) return;
  const changing = [
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    "x-amz-server-side-encryption",
    "x-amz-checksum-algorithm",
  ];
  const changes = directive(call, "x-amz-metadata-directive") === "REPLACE" || changing.some((name) => call.headers.has(name));
  if (changes) return;
  throw new AwsError(
    "InvalidRequest",
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    400,
  );
}

function directive(call: S3Call, header: string): "COPY" | "REPLACE" {
  const value = call.headers.get(header) ?? "COPY";
  if (value === "COPY" || value === "REPLACE") return value;
  throw new AwsError(
    "InvalidArgument",
    header.includes("tagging") ? "Unknown tagging directive." : "Unknown metadata directive.",
    400,
  );
}
