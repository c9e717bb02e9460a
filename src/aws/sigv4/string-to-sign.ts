import { createHmac, hash } from "node:crypto";

export const HMAC_ALGORITHM = "AWS4-HMAC-SHA256";
export const ECDSA_ALGORITHM = "AWS4-ECDSA-P256-SHA256";
/** SHA-256 of nothing. */
export const EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * "Create a string to sign" of the IAM User Guide.
 *
 * @param date `yyyyMMdd'T'HHmmss'Z'`
 * @param scope as `scopeText` gives it.
 */
export function stringToSign(algorithm: string, date: string, scope: string, canonicalRequest: string): string {
  return `${algorithm}\n${date}\n${scope}\n${sha256Hex(Buffer.from(canonicalRequest, "latin1"))}`;
}

/** The signature of the HMAC form, hex. */
export function macHex(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text, "latin1").digest("hex");
}

export function sha256Hex(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex");
}
