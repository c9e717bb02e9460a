import { AwsError } from "../../../aws/aws-error.ts";
import { checksumElements, checksumHeaders } from "../checksum-headers.ts";
import { copySourceOf } from "../copy-source.ts";
import { copyBody, MAX_BODY_BYTES, receiveBody, type ReceivedBody } from "../incoming-body.ts";
import { ENCRYPTION } from "../object-headers.ts";
import type { S3Call, S3Operation } from "../s3-call.ts";
import { isoMilliseconds, s3Xml } from "../s3-xml.ts";
import type { StoredObject, StoredPart, StoredUpload } from "../stored.ts";
import { parseRange, type Span } from "./get-object.ts";
import { uploadOf } from "./multipart-uploads.ts";

const MAX_PART_NUMBER = 10_000;

export const uploadPart: S3Operation = async (call) => {
  const number = partNumberOf(call);
  const upload = uploadOf(call);
  const part = storePart(call, number, checkedAlgorithm(call, upload, await receiveBody(call, upload.checksum?.algorithm)));
  return { status: 200, headers: { etag: part.etag, ...ENCRYPTION, ...partChecksum(part) } };
};

export const uploadPartCopy: S3Operation = async (call) => {
  const number = partNumberOf(call);
  const upload = uploadOf(call);
  const source = copySourceOf(call);
  const { first, last } = copySpan(call.headers.get("x-amz-copy-source-range"), source);
  if (last - first >= MAX_BODY_BYTES) {
    throw new AwsError(
      "InvalidRequest",
      `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_BODY_BYTES}`,
      400,
    );
  }
  const bytes = call.store.files.read(source.body, first, last);
  const part = storePart(call, number, await copyBody(call, bytes, upload.checksum?.algorithm));
  return {
    status: 200,
    headers: ENCRYPTION,
    body: s3Xml("CopyPartResult", {
      LastModified: isoMilliseconds(part.modified),
      ETag: part.etag,
      ...checksumElements(part.checksum),
    }),
  };
};

/** A part's checksum has no type of its own. */
function partChecksum(part: StoredPart): Record<string, string> {
  const { "x-amz-checksum-type": _type, ...value } = checksumHeaders(part.checksum);
  return value;
}

function partNumberOf(call: S3Call): number {
  const number = Number(call.query.get("partNumber"));
  if (Number.isInteger(number) && number >= 1 && number <= MAX_PART_NUMBER) return number;
  throw new AwsError("InvalidArgument", `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`, 400);
}

function checkedAlgorithm(call: S3Call, upload: StoredUpload, received: ReceivedBody): ReceivedBody {
  const [expected, actual] = [upload.checksum?.algorithm, received.checksum?.algorithm];
  if (expected === undefined || expected === actual) return received;
  call.store.files.remove([received.stretch]);
  throw new AwsError(
    "InvalidRequest",
    `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`,
    400,
  );
}

/** The upload may have been completed or aborted while the bytes came in: then they go. */
function storePart(call: S3Call, number: number, received: ReceivedBody): StoredPart {
  const part: StoredPart = {
    number,
    body: received.stretch,
    etag: `"${received.md5}"`,
    modified: call.clock.now(),
    checksum: received.checksum,
  };
  try {
    call.store.release(() => call.store.uploads.putPart(uploadOf(call).id, part));
  } catch (error) {
    call.store.files.remove([received.stretch]);
    throw error;
  }
  return part;
}

/** `bytes=FIRST-LAST`, both within the source; without the header, all of it. */
function copySpan(header: string | undefined, source: StoredObject): Span {
  if (header === undefined) return { first: 0, last: source.size - 1 };
  if (!/^bytes=\d+-\d+$/.test(header)) {
    throw new AwsError(
      "InvalidArgument",
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
      400,
    );
  }
  const span = Number(header.slice(header.indexOf("-") + 1)) < source.size ? parseRange(header, source.size) : undefined;
  if (span !== undefined) return span;
  throw new AwsError("InvalidArgument", `Range specified is not valid for source object of size: ${source.size}`, 400);
}
