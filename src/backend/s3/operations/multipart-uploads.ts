import { randomBytes } from "node:crypto";
import { AwsError } from "../../../aws/aws-error.ts";
import { checksumElements } from "../checksum-headers.ts";
import { leapOver, listPage, readListingQuery } from "../listing.ts";
import { ENCRYPTION, keptHeaders, storageClassOf } from "../object-headers.ts";
import { bucketOf, type S3Call, type S3Operation } from "../s3-call.ts";
import { isoMilliseconds, s3Xml } from "../s3-xml.ts";
import type { StoredUpload } from "../stored.ts";
import { parseTagHeader } from "../tagging.ts";
import { requestedChecksum } from "../upload-checksum.ts";
import { ownerOf } from "./owner.ts";
import { checkKey } from "./put-object.ts";

/** On a page of ListParts. */
const MAX_PARTS = 1000;

export const createMultipartUpload: S3Operation = (call) => {
  bucketOf(call);
  checkKey(call.key);
  const created = call.clock.now();
  const upload: StoredUpload = {
    id: created.toString(16).padStart(12, "0") + randomBytes(20).toString("hex"),
    bucket: call.bucket,
    key: call.key,
    created,
    headers: keptHeaders(call.headers),
    tags: parseTagHeader(call.headers.get("x-amz-tagging")),
    checksum: requestedChecksum(call.headers),
  };
  call.store.uploads.create(upload);
  return {
    status: 200,
    headers: {
      ...ENCRYPTION,
      ...(upload.checksum === undefined
        ? {}
        : {
            "x-amz-checksum-algorithm": upload.checksum.algorithm.toUpperCase(),
            "x-amz-checksum-type": upload.checksum.type,
          }),
    },
    body: s3Xml("InitiateMultipartUploadResult", { Bucket: call.bucket, Key: call.key, UploadId: upload.id }),
  };
};

export const abortMultipartUpload: S3Operation = (call) => {
  const upload = uploadOf(call);
  call.store.release(() => call.store.uploads.remove(upload.id));
  return { status: 204 };
};

export const listParts: S3Operation = (call) => {
  const upload = uploadOf(call);
  const marker = wholeNumber(call, "part-number-marker", 0);
  const most = Math.min(wholeNumber(call, "max-parts", MAX_PARTS), MAX_PARTS);
  const parts = call.store.uploads.parts(upload.id, marker);
  const shown = parts.slice(0, most);
  return {
    status: 200,
    body: s3Xml("ListPartsResult", {
      Bucket: upload.bucket,
      Key: upload.key,
      UploadId: upload.id,
      PartNumberMarker: marker,
      NextPartNumberMarker: shown.at(-1)?.number,
      MaxParts: most,
      IsTruncated: parts.length > shown.length,
      Part: shown.map((part) => ({
        PartNumber: part.number,
        LastModified: isoMilliseconds(part.modified),
        ETag: part.etag,
        Size: part.body.size,
        ...checksumElements(part.checksum),
      })),
      Initiator: ownerOf(call),
      Owner: ownerOf(call),
      StorageClass: storageClassOf(upload),
      ChecksumAlgorithm: upload.checksum?.algorithm.toUpperCase(),
      ChecksumType: upload.checksum?.type,
    }),
  };
};

export const listMultipartUploads: S3Operation = (call) => {
  bucketOf(call);
  const ask = readListingQuery(call.query, "max-uploads");
  const keyMarker = call.query.get("key-marker") ?? "";
  const idMarker = call.query.get("upload-id-marker") ?? "";
  // Without an id, what has the marker's own key is passed over.
  const afterId = keyMarker === "" || idMarker !== "" ? idMarker : AFTER_ALL_IDS;
  const leap = leapOver(keyMarker, ask);
  const page = listPage(ask, (from) => call.store.uploads.range(call.bucket, keyMarker, afterId, leap, from));
  return {
    status: 200,
    body: s3Xml("ListMultipartUploadsResult", {
      Bucket: call.bucket,
      KeyMarker: ask.encode(keyMarker),
      UploadIdMarker: idMarker,
      NextKeyMarker: page.end === undefined ? undefined : ask.encode(page.end.name),
      NextUploadIdMarker: page.end?.item?.id,
      Prefix: ask.encode(ask.prefix),
      Delimiter: ask.delimiter === "" ? undefined : ask.encode(ask.delimiter),
      EncodingType: ask.encodingType,
      MaxUploads: ask.most,
      IsTruncated: page.end !== undefined,
      Upload: page.items.map((upload) => ({
        Key: ask.encode(upload.key),
        UploadId: upload.id,
        Initiator: ownerOf(call),
        Owner: ownerOf(call),
        StorageClass: storageClassOf(upload),
        Initiated: isoMilliseconds(upload.created),
        ChecksumAlgorithm: upload.checksum?.algorithm.toUpperCase(),
        ChecksumType: upload.checksum?.type,
      })),
      CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: ask.encode(prefix) })),
    }),
  };
};

/** Ids are hexadecimal. */
const AFTER_ALL_IDS = "~";

/** Throws `NoSuchUpload`. */
export function uploadOf(call: S3Call): StoredUpload {
  bucketOf(call);
  const upload = call.store.uploads.get(call.query.get("uploadId") ?? "");
  if (upload === undefined || upload.bucket !== call.bucket || upload.key !== call.key) {
    throw new AwsError(
      "NoSuchUpload",
      "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
      404,
    );
  }
  return upload;
}

function wholeNumber(call: S3Call, name: string, absent: number): number {
  const text = call.query.get(name) ?? "";
  if (text === "") return absent;
  if (!/^\d{1,9}$/.test(text))
    throw new AwsError("InvalidArgument", `Provided ${name} not an integer or within integer range`, 400);
  return Number(text);
}
