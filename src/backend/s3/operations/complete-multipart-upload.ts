import { AwsError } from "../../../aws/aws-error.ts";
import type { XmlElement } from "../../../aws/xml/parse-xml.ts";
import { CHECKSUM_ALGORITHMS } from "../checksum.ts";
import { checksumElements } from "../checksum-headers.ts";
import { ENCRYPTION } from "../object-headers.ts";
import { childrenOf, malformedXml, readXml, textOf } from "../read-body.ts";
import type { S3Call, S3Operation } from "../s3-call.ts";
import { s3Xml } from "../s3-xml.ts";
import type { Checksum, StoredObject, StoredPart } from "../stored.ts";
import { wholeChecksum, wholeEtag } from "../upload-checksum.ts";
import { uploadOf } from "./multipart-uploads.ts";
import { replaceObject } from "./put-object.ts";

/** 5 MiB: what every part but the last must have. */
const MIN_PART_BYTES = 5 * 1024 ** 2;

export const completeMultipartUpload: S3Operation = async (call) => {
  uploadOf(call);
  const wanted = childrenOf(await readXml(call, "CompleteMultipartUpload"), "Part");
  if (wanted.length === 0) throw malformedXml();
  let object: StoredObject | undefined;
  call.store.release(() => {
    // Read again: while the list came in, parts may have been replaced.
    const upload = uploadOf(call);
    const all = call.store.uploads.parts(upload.id);
    const parts = chosenParts(wanted, all);
    object = {
      bucket: upload.bucket,
      key: upload.key,
      body: parts.map((part) => part.body),
      size: parts.reduce((sum, part) => sum + part.body.size, 0),
      etag: wholeEtag(parts),
      modified: call.clock.now(),
      headers: upload.headers,
      tags: upload.tags,
      checksum: wholeChecksum(upload.checksum, parts),
    };
    checkWhole(call, object);
    const kept = new Set(object.body.map(({ file }) => file));
    const released = call.store.uploads.remove(upload.id).filter(({ file }) => !kept.has(file));
    return [...released, ...replaceObject(call, object)];
  });
  return {
    status: 200,
    headers: ENCRYPTION,
    body: s3Xml("CompleteMultipartUploadResult", {
      Location: `http://${call.host}/${call.bucket}/${encodeURIComponent(call.key).replaceAll("%2F", "/")}`,
      Bucket: call.bucket,
      Key: call.key,
      ETag: object?.etag,
      ...checksumElements(object?.checksum),
      ChecksumType: object?.checksum?.type,
    }),
  };
};

/** The parts that the request lists. Throws `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall`. */
function chosenParts(wanted: readonly XmlElement[], all: readonly StoredPart[]): readonly StoredPart[] {
  const byNumber = new Map(all.map((part) => [part.number, part]));
  let previous = 0;
  const parts = wanted.map((element) => {
    const number = Number(textOf(element, "PartNumber") ?? Number.NaN);
    if (!Number.isInteger(number)) throw malformedXml();
    if (number <= previous) {
      throw new AwsError(
        "InvalidPartOrder",
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
        400,
      );
    }
    previous = number;
    const part = byNumber.get(number);
    if (part === undefined || !fits(element, part)) {
      throw new AwsError(
        "InvalidPart",
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        400,
      );
    }
    return part;
  });
  if (parts.slice(0, -1).some((part) => part.body.size < MIN_PART_BYTES)) {
    throw new AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400);
  }
  return parts;
}

function fits(element: XmlElement, part: StoredPart): boolean {
  const etag = textOf(element, "ETag")?.trim().replaceAll('"', "");
  if (etag !== part.etag.replaceAll('"', "")) return false;
  return CHECKSUM_ALGORITHMS.every((algorithm) => {
    const claimed = textOf(element, `Checksum${algorithm.toUpperCase()}`);
    return claimed === undefined || part.checksum?.algorithm !== algorithm || part.checksum.value === claimed.trim();
  });
}

/** What the request says of the whole: its size, and its checksum where that is over the bytes themselves. */
function checkWhole(call: S3Call, { size, checksum }: StoredObject): void {
  const claimedSize = call.headers.get("x-amz-mp-object-size");
  if (claimedSize !== undefined && Number(claimedSize) !== size) {
    throw new AwsError(
      "InvalidRequest",
      `The provided 'x-amz-mp-object-size' header value ${claimedSize} does not match what was computed: ${size}`,
      400,
    );
  }
  const claimed = checksum === undefined ? undefined : call.headers.get(`x-amz-checksum-${checksum.algorithm}`);
  if (checksum !== undefined && claimed !== undefined && !agrees(claimed, checksum)) {
    throw new AwsError(
      "BadDigest",
      `The ${checksum.algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
      400,
    );
  }
}

/** Composite checksums are sent with and without the number of parts. */
function agrees(claimed: string, { value, type }: Checksum): boolean {
  return claimed === value || (type === "COMPOSITE" && claimed === value.slice(0, value.lastIndexOf("-")));
}
