import { invalidParameter } from "./invalid-parameter.ts";

/** What a page's token says: texts and numbers, in an order that the operation knows. */
export function writeToken(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** Undefined for no token. Throws `InvalidParameterException` for what is not a token of `types`. */
export function readToken(
  text: string | undefined,
  types: readonly ("string" | "number")[],
): readonly (string | number)[] | undefined {
  if (text === undefined) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    parts = undefined;
  }
  const isToken =
    Array.isArray(parts) &&
    parts.length === types.length &&
    parts.every((part, index) => typeof part === types[index] && (typeof part !== "number" || Number.isSafeInteger(part)));
  if (!isToken) throw invalidParameter("The specified nextToken is invalid.");
  return parts as (string | number)[];
}
