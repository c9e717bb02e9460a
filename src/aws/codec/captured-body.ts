import { gunzipSync } from "node:zlib";
import { DecodeError } from "./decode-failure.ts";

/** A compressed body is followed up to this many bytes. */
const MAX_INFLATED_BYTES = 16 * 1024 * 1024;

/**
 * The body as the protocol means it: gzip undone where the headers announce it and the bytes agree. Undefined where there
 * is nothing. Throws `DecodeError` on a broken or too large one.
 */
export function capturedBody(headers: ReadonlyMap<string, string>, body: Uint8Array | undefined): Uint8Array | undefined {
  if (body === undefined || body.length === 0) return undefined;
  const announced = /\bgzip\b/i.test(headers.get("content-encoding") ?? "");
  if (!announced || body[0] !== 0x1f || body[1] !== 0x8b) return body;
  try {
    return gunzipSync(body, { maxOutputLength: MAX_INFLATED_BYTES });
  } catch (cause) {
    throw new DecodeError("the compressed body cannot be read", { cause });
  }
}
