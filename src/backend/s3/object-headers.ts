import { AwsError } from "../../aws/aws-error.ts";
import { checksumHeaders } from "./checksum-headers.ts";
import type { StoredObject } from "./stored.ts";

/** Request headers that S3 keeps with an object and gives back. */
const KEPT = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
  "x-amz-storage-class",
  "x-amz-website-redirect-location",
];
/** 2 KB of user metadata, names and values. */
const MAX_METADATA_BYTES = 2048;

/** Every new object is encrypted with keys of S3's own; here that is the answer and nothing more. */
export const ENCRYPTION = { "x-amz-server-side-encryption": "AES256" };

/** What is kept of a request's headers, in the form in which it is given back. Throws `MetadataTooLarge`. */
export function keptHeaders(headers: ReadonlyMap<string, string>): Record<string, string> {
  const kept: Record<string, string> = { "content-type": "binary/octet-stream" };
  let metadata = 0;
  for (const [name, value] of headers) {
    if (name.startsWith("x-amz-meta-")) {
      metadata += name.length - "x-amz-meta-".length + value.length;
      kept[name] = value;
    } else if (KEPT.includes(name)) {
      const shown = name === "content-encoding" ? withoutChunking(value) : value;
      if (shown !== "" && !(name === "x-amz-storage-class" && shown === "STANDARD")) kept[name] = shown;
    }
  }
  if (metadata > MAX_METADATA_BYTES) {
    throw new AwsError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400);
  }
  return kept;
}

/** `aws-chunked` is how the body travelled, not what it is. */
function withoutChunking(encoding: string): string {
  return encoding
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "" && part.toLowerCase() !== "aws-chunked")
    .join(",");
}

/** Headers of an answer that speaks of an object. */
export function objectHeaders(object: StoredObject): Record<string, string> {
  const tags = Object.keys(object.tags).length;
  return {
    ...object.headers,
    ...ENCRYPTION,
    etag: object.etag,
    "last-modified": new Date(object.modified).toUTCString(),
    "accept-ranges": "bytes",
    ...(tags > 0 ? { "x-amz-tagging-count": String(tags) } : {}),
  };
}

/** For clients that ask to have the bytes checked: `x-amz-checksum-mode: ENABLED`. */
export function askedChecksumHeaders(object: StoredObject, headers: ReadonlyMap<string, string>): Record<string, string> {
  return headers.get("x-amz-checksum-mode")?.toUpperCase() === "ENABLED" ? checksumHeaders(object.checksum) : {};
}

export function storageClassOf(object: Pick<StoredObject, "headers">): string {
  return object.headers["x-amz-storage-class"] ?? "STANDARD";
}
