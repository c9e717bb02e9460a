/**
 * Refusals that come before authentication is done. AWS keeps no event of such calls: nobody knows whose they were. Codes
 * of "Common errors" and of S3's error list.
 */
const codes = new Set([
  "SignatureDoesNotMatch",
  "InvalidSignatureException",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
  "InvalidAccessKeyId",
  "ExpiredToken",
  "ExpiredTokenException",
]);

export function isUnauthenticated(error: { readonly code: string; readonly status: number } | undefined): boolean {
  return error !== undefined && error.status >= 400 && error.status < 500 && codes.has(error.code);
}
