/** Each byte as a canonical URI has it: unreserved characters (RFC 3986) as they are, all others as `%XX` in capitals. */
const ENCODED = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9\-._~]/.test(character) ? character : escapeOf(byte);
});
const PERCENT = 0x25;
const PLAIN_PATH = /^[A-Za-z0-9\-._~/]*$/;

/**
 * The path of a request to S3, which is neither normalised nor encoded twice: every escape and every raw character in the one
 * form that "Create a canonical request" of the Amazon S3 API Reference has for it. A slash that came as `%2F` stays an escape.
 */
export function objectPath(path: string): string {
  return PLAIN_PATH.test(path) ? path : recode(path, "/");
}

/** The path of a request to any other service: dot segments resolved, empty ones dropped, then encoded once more. */
export function servicePath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  const normal = segments.length === 0 ? "/" : `/${segments.join("/")}${path.endsWith("/") ? "/" : ""}`;
  return PLAIN_PATH.test(normal) ? normal : encode(normal, "/");
}

/**
 * The query, names and values in canonical form, sorted by name, then by value; `+` is a space. A name without `=` has an
 * empty value.
 *
 * @param query what stands behind the question mark, as received.
 * @param omitted a parameter that is not signed (the signature itself), in lower case.
 */
export function canonicalQuery(query: string, omitted?: string): string {
  if (query === "") return "";
  const pairs: (readonly [string, string])[] = [];
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = recode(equals === -1 ? pair : pair.slice(0, equals), "", true);
    if (omitted !== undefined && name.length === omitted.length && name.toLowerCase() === omitted) continue;
    pairs.push([name, equals === -1 ? "" : recode(pair.slice(equals + 1), "", true)]);
  }
  pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
  return pairs.map(([name, value]) => `${name}=${value}`).join("&");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Undoes what is escaped and escapes what has to be; `kept` stays as it is where it came raw. */
function recode(text: string, kept: string, form = false): string {
  let out = "";
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    const byte = code === PERCENT ? byteAt(text, i + 1) : undefined;
    if (byte !== undefined) {
      out += ENCODED[byte];
      i += 2;
    } else if (form && code === 0x2b) out += "%20";
    else if (kept !== "" && text[i] === kept) out += kept;
    else out += ENCODED[code] ?? encode(text[i] ?? "", "");
  }
  return out;
}

function encode(text: string, kept: string): string {
  let out = "";
  // What came over the wire has one byte in each character.
  const bytes = Buffer.from(text, /[^\0-\xff]/.test(text) ? "utf8" : "latin1");
  for (const byte of bytes) out += kept !== "" && byte === kept.charCodeAt(0) ? kept : ENCODED[byte];
  return out;
}

function byteAt(text: string, at: number): number | undefined {
  const high = digitAt(text, at);
  const low = digitAt(text, at + 1);
  return high === -1 || low === -1 ? undefined : high * 16 + low;
}

function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function escapeOf(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
