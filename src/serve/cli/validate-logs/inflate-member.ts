import { createHash } from "node:crypto";
import { crc32, createInflateRaw, type InflateRaw, inflateRawSync } from "node:zlib";

/** Why bytes are not one gzip member and nothing else. */
export class NotOneMember extends Error {
  override name = "NotOneMember";
  readonly reason: "format" | "trailing" | "too-large";
  /** Of the first member, where there is more behind it and it is held whole. */
  readonly content: Buffer | undefined;

  constructor(reason: NotOneMember["reason"], content?: Buffer) {
    super(reason);
    this.reason = reason;
    this.content = content;
  }
}

const TRAILER = 8;
const HEADER = 10;
/** Of a gzip header with a file name and comments. */
const MAX_HEADER = 64 * 1024;
/** Whatever is longer goes through in pieces. */
const WHOLE_BYTES = 256 * 1024;
const WHOLE_INFLATED = 16 * 1024 * 1024;
/** More than a log file can have: AWS's have 50 MB at most. */
const MAX_INFLATED = 1024 * 1024 * 1024;

/**
 * Inflates a file that has to be one gzip member and nothing behind it (what stands behind would be shown by some readers and
 * hashed by none). Throws `NotOneMember`.
 *
 * @param limit of the inflated bytes.
 */
export function inflateMember(bytes: Uint8Array, limit: number): Buffer {
  const start = headerLength(bytes);
  if (start === undefined) throw new NotOneMember("format");
  let inflated: { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
  try {
    inflated = inflateRawSync(bytes.subarray(start), { info: true, maxOutputLength: limit }) as unknown as typeof inflated;
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    throw new NotOneMember(tooLarge ? "too-large" : "format");
  }
  const end = start + inflated.engine.bytesWritten;
  checkTrailer(bytes.subarray(end, end + TRAILER), crc32(inflated.buffer), inflated.buffer.length);
  if (bytes.length > end + TRAILER) throw new NotOneMember("trailing", inflated.buffer);
  return inflated.buffer;
}

/**
 * SHA-256, in hex, of what a log file of `length` octets inflates to; memory is bounded whatever it holds. Throws `NotOneMember`,
 * and what the file's stream throws.
 *
 * @param limit of the inflated octets.
 */
export async function hashMember(file: AsyncIterable<Uint8Array>, length: number, limit = MAX_INFLATED): Promise<string> {
  if (!(length <= WHOLE_BYTES)) return await hashInPieces(file, limit);
  const chunks: Uint8Array[] = [];
  for await (const chunk of file) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  try {
    return createHash("sha256")
      .update(inflateMember(bytes, Math.min(WHOLE_INFLATED, limit)))
      .digest("hex");
  } catch (error) {
    if (!(error instanceof NotOneMember && error.reason === "too-large")) throw error;
    return await hashInPieces([bytes], limit);
  }
}

async function hashInPieces(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, limit: number): Promise<string> {
  const hash = createHash("sha256");
  const inflate = createInflateRaw();
  let [length, crc] = [0, 0];
  let failure: NotOneMember | undefined;
  const ended = new Promise<void>((done) => {
    inflate.on("data", (data: Buffer) => {
      length += data.length;
      if (length > limit) failure ??= new NotOneMember("too-large");
      hash.update(data);
      crc = crc32(data, crc);
    });
    inflate.on("error", () => {
      failure ??= new NotOneMember("format");
      done();
    });
    inflate.on("end", done);
    inflate.on("close", done);
  });
  let head: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  let tail: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  let [start, total]: [number | undefined, number] = [undefined, 0];
  for await (const piece of pieces) {
    total += piece.length;
    tail = Buffer.concat([tail, piece]).subarray(-TRAILER);
    if (start === undefined) {
      head = Buffer.concat([head, piece]);
      start = headerLength(head);
      if (start === undefined && head.length > MAX_HEADER) throw new NotOneMember("format");
      if (start !== undefined) await write(inflate, head.subarray(start));
    } else await write(inflate, piece);
    if (failure !== undefined) {
      inflate.destroy();
      throw failure;
    }
  }
  if (start === undefined) throw new NotOneMember("format");
  inflate.end();
  await ended;
  if (failure !== undefined) throw failure;
  const end = start + inflate.bytesWritten + TRAILER;
  if (total > end) throw new NotOneMember("trailing");
  if (total < end) throw new NotOneMember("format");
  checkTrailer(tail, crc, length);
  return hash.digest("hex");
}

async function write(inflate: InflateRaw, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((done) => inflate.write(bytes, () => done()));
}

function checkTrailer(trailer: Uint8Array, crc: number, length: number): void {
  if (trailer.length !== TRAILER) throw new NotOneMember("format");
  const view = new DataView(trailer.buffer, trailer.byteOffset, TRAILER);
  if (view.getUint32(0, true) !== crc || view.getUint32(4, true) !== length % 2 ** 32) throw new NotOneMember("format");
}

/** Of a gzip header (RFC 1952, 2.3); undefined where it is none, or not all of it is there. */
function headerLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < HEADER || bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) return undefined;
  const flags = bytes[3] ?? 0;
  let at = HEADER;
  if ((flags & 4) !== 0) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const zero = bytes.indexOf(0, at);
    if (zero < 0) return undefined;
    at = zero + 1;
  }
  if ((flags & 2) !== 0) at += 2;
  return at <= bytes.length ? at : undefined;
}
