import { createHash } from "node:crypto";
import { AwsError } from "../../aws/aws-error.ts";
import { CHECKSUM_ALGORITHMS, runningChecksum } from "./checksum.ts";
import { canCombine, combineCrcs } from "./combine-crc.ts";
import type { Checksum, ChecksumType, StoredPart, StoredUpload } from "./stored.ts";

/** What `x-amz-checksum-algorithm` and `-type` of CreateMultipartUpload ask for. Throws `InvalidRequest`. */
export function requestedChecksum(headers: ReadonlyMap<string, string>): StoredUpload["checksum"] {
  const algorithm = headers.get("x-amz-checksum-algorithm")?.toLowerCase();
  const asked = headers.get("x-amz-checksum-type")?.toUpperCase();
  if (algorithm === undefined) {
    if (asked === undefined) return undefined;
    throw invalid("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
  }
  if (!CHECKSUM_ALGORITHMS.some((known) => known === algorithm)) {
    throw invalid(
      "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    );
  }
  const type: ChecksumType =
    (asked ?? (algorithm === "crc64nvme" ? "FULL_OBJECT" : "COMPOSITE")) === "COMPOSITE" ? "COMPOSITE" : "FULL_OBJECT";
  const possible = asked === undefined || asked === type;
  const fits = type === "COMPOSITE" ? algorithm !== "crc64nvme" : canCombine(algorithm);
  if (!possible || !fits) throw invalid(`The ${asked} checksum type cannot be used with the ${algorithm} checksum algorithm.`);
  return { algorithm, type };
}

/** The checksum of an upload's parts put together; undefined where the upload has none or a part has another. */
export function wholeChecksum(wanted: StoredUpload["checksum"], parts: readonly StoredPart[]): Checksum | undefined {
  if (wanted === undefined) return undefined;
  const { algorithm, type } = wanted;
  const values = parts.flatMap(({ checksum }) => (checksum?.algorithm === algorithm ? [checksum.value] : []));
  if (values.length !== parts.length) return undefined;
  if (type === "FULL_OBJECT") {
    const runs = parts.map(({ checksum, body }) => ({ value: checksum?.value ?? "", size: body.size }));
    return { algorithm, type, value: combineCrcs(algorithm, runs) };
  }
  const running = runningChecksum(algorithm);
  for (const value of values) running?.update(Buffer.from(value, "base64"));
  return running === undefined ? undefined : { algorithm, type, value: `${running.value()}-${parts.length}` };
}

/** The ETag of an upload: MD5 over the parts' MD5s, and their number. */
export function wholeEtag(parts: readonly StoredPart[]): string {
  const md5 = createHash("md5");
  for (const { etag } of parts) md5.update(Buffer.from(etag.replaceAll('"', ""), "hex"));
  return `"${md5.digest("hex")}-${parts.length}"`;
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidRequest", message, 400);
}
