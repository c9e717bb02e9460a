import { AwsError } from "../../../aws/aws-error.ts";
import { checksumElements } from "../checksum-headers.ts";
import { storageClassOf } from "../object-headers.ts";
import { objectOf, type S3Operation } from "../s3-call.ts";
import { s3Xml } from "../s3-xml.ts";

const ATTRIBUTES = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

/** Of a multipart object's parts, their number; S3 lists them where each has a checksum. */
export const getObjectAttributes: S3Operation = (call) => {
  const object = objectOf(call);
  const asked = (call.headers.get("x-amz-object-attributes") ?? "").split(",").map((name) => name.trim());
  if (asked.some((name) => !ATTRIBUTES.includes(name))) {
    throw new AwsError("InvalidArgument", "Invalid attribute name specified.", 400);
  }
  const { checksum } = object;
  const multipart = object.etag.includes("-");
  return {
    status: 200,
    headers: { "last-modified": new Date(object.modified).toUTCString() },
    body: s3Xml("GetObjectAttributesResponse", {
      ETag: asked.includes("ETag") ? object.etag.replaceAll('"', "") : undefined,
      Checksum:
        asked.includes("Checksum") && checksum !== undefined
          ? { ...checksumElements(checksum), ChecksumType: checksum.type }
          : undefined,
      ObjectParts: asked.includes("ObjectParts") && multipart ? { PartsCount: object.body.length } : undefined,
      StorageClass: asked.includes("StorageClass") ? storageClassOf(object) : undefined,
      ObjectSize: asked.includes("ObjectSize") ? object.size : undefined,
    }),
  };
};
