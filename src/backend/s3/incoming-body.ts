import { createHash } from "node:crypto";
import { Transform, type Readable } from "node:stream";
import { AwsChunkedDecoder, isAwsChunked } from "../../aws/aws-chunked.ts";
import { AwsError } from "../../aws/aws-error.ts";
import { CHECKSUM_ALGORITHMS, runningChecksum, type RunningChecksum } from "./checksum.ts";
import type { S3Call } from "./s3-call.ts";
import type { Checksum, Stretch } from "./stored.ts";

/** 5 GiB: what S3 takes in one PutObject or UploadPart. */
export const MAX_BODY_BYTES = 5 * 1024 ** 3;

export interface ReceivedBody {
  readonly stretch: Stretch;
  /** Lower-case hex. */
  readonly md5: string;
  readonly checksum: Checksum | undefined;
}

/** Takes the chunk framing off a body that has one; undefined where there is none. */
export function unframing(call: S3Call): AwsChunkedDecoder | undefined {
  return isAwsChunked(call.headers) ? new AwsChunkedDecoder() : undefined;
}

/**
 * Writes the body to a file of its own and holds it against what the request says of it: length, `Content-MD5`, and a
 * checksum in header or trailer. Where they differ the file is removed and S3's error thrown. `wanted` is the algorithm of
 * the checksum to make where the request brings none.
 */
export async function receiveBody(call: S3Call, wanted?: string): Promise<ReceivedBody> {
  const decoder = unframing(call);
  const expectedLength = call.headers.get(decoder === undefined ? "content-length" : "x-amz-decoded-content-length");
  if (Number(expectedLength) > MAX_BODY_BYTES) throw tooLarge();
  const claimedMd5 = call.headers.get("content-md5");
  if (claimedMd5 !== undefined && !/^[A-Za-z0-9+/]{22}==$/.test(claimedMd5)) {
    throw new AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400);
  }
  const announced = announcedAlgorithm(call) ?? wanted;
  const running = announced === undefined ? undefined : runningChecksum(announced);
  const received = await writeBody(call, call.body, decoder === undefined ? [] : [decoder], running);
  try {
    if (expectedLength !== undefined && Number(expectedLength) !== received.stretch.size) {
      throw new AwsError(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
        400,
      );
    }
    if (claimedMd5 !== undefined && claimedMd5 !== Buffer.from(received.md5, "hex").toString("base64")) {
      throw new AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.", 400);
    }
    return { ...received, checksum: verified(announced, running, call.headers, decoder?.trailers) };
  } catch (error) {
    call.store.files.remove([received.stretch]);
    throw error;
  }
}

/** Copies stored bytes to a file of their own; `wanted` is the algorithm of the checksum to make of them. */
export async function copyBody(call: S3Call, source: Readable, wanted?: string): Promise<ReceivedBody> {
  const running = wanted === undefined ? undefined : runningChecksum(wanted);
  const received = await writeBody(call, source, [], running);
  return { ...received, checksum: verified(wanted, running, new Map(), undefined) };
}

async function writeBody(
  call: S3Call,
  body: Readable,
  stages: readonly Transform[],
  running: RunningChecksum | undefined,
): Promise<Omit<ReceivedBody, "checksum">> {
  const md5 = createHash("md5");
  const stretch = await call.store.files.write(body, [...stages, meter([md5, running])], call.signal);
  return { stretch, md5: md5.digest("hex") };
}

function announcedAlgorithm(call: S3Call): string | undefined {
  const trailer = trailerNames(call.headers);
  const named = CHECKSUM_ALGORITHMS.find(
    (name) => call.headers.has(`x-amz-checksum-${name}`) || trailer.includes(`x-amz-checksum-${name}`),
  );
  return named ?? call.headers.get("x-amz-sdk-checksum-algorithm")?.toLowerCase();
}

function trailerNames(headers: ReadonlyMap<string, string>): readonly string[] {
  return (headers.get("x-amz-trailer") ?? "").split(",").map((name) => name.trim().toLowerCase());
}

function verified(
  algorithm: string | undefined,
  running: RunningChecksum | undefined,
  headers: ReadonlyMap<string, string>,
  trailers: ReadonlyMap<string, string> | undefined,
): Checksum | undefined {
  if (algorithm === undefined || running === undefined) return undefined;
  const value = running.value();
  const header = `x-amz-checksum-${algorithm}`;
  const claimed = headers.get(header) ?? trailers?.get(header);
  if (claimed === undefined && trailerNames(headers).includes(header)) {
    throw new AwsError(
      "MalformedTrailerError",
      "The request contained trailing data that was not well-formed or did not conform to our published schema.",
      400,
    );
  }
  if (claimed !== undefined && claimed !== value) {
    throw new AwsError("BadDigest", `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`, 400);
  }
  return { algorithm, value, type: "FULL_OBJECT" };
}

function meter(sums: readonly ({ update(bytes: Uint8Array): unknown } | undefined)[]): Transform {
  let length = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      for (const sum of sums) sum?.update(chunk);
      if (length > MAX_BODY_BYTES) done(tooLarge());
      else done(null, chunk);
    },
  });
}

function tooLarge(): AwsError {
  return new AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400);
}
