/** What an upstream sent is not the HTTP/1.1 that two readers of it would understand alike. */
export class BrokenAnswer extends Error {
  override name = "BrokenAnswer";
}

/** `length` of a body whose end the message itself marks: by chunks, or by the end of the connection. */
export const CHUNKED = -1;
export const UNTIL_CLOSE = -2;

/** The head of an answer as it stood on the wire. */
export interface WireHead {
  readonly status: number;
  readonly statusText: string;
  /** Name and value in turn, one character an octet. */
  readonly lines: readonly string[];
  /** Octets of the body, `CHUNKED` or `UNTIL_CLOSE`; 0 where there can be none. */
  readonly length: number;
  /** The connection may carry another request. */
  readonly reusable: boolean;
  /** Seconds that the upstream keeps an idle connection, where it says so. */
  readonly keepAlive: number | undefined;
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Reads status line and field lines, without the empty line that ends them. Strict, as whoever forwards messages must be
 * (RFC 9112, 11.2): no folded lines, no bare line feeds, no two lengths, no length beside chunks, no coding but `chunked`.
 *
 * @param bodiless the request was a HEAD.
 */
export function readWireHead(text: string, bodiless: boolean): WireHead {
  let end = text.indexOf("\r\n");
  const start = statusLine.exec(end === -1 ? text : text.slice(0, end));
  if (start === null) throw new BrokenAnswer("the answer does not begin with an HTTP/1.1 status line");
  const minor = start[1];
  const status = Number(start[2]);
  const lines: string[] = [];
  let length: number | undefined;
  let chunked = false;
  let keep = minor === "1";
  let keepAlive: number | undefined;
  while (end !== -1) {
    const from = end + 2;
    end = text.indexOf("\r\n", from);
    const to = end === -1 ? text.length : end;
    const colon = text.indexOf(":", from);
    const name = text.slice(from, colon === -1 || colon > to ? to : colon);
    if (colon === -1 || colon > to || !fieldName.test(name)) throw new BrokenAnswer("a header line of the answer has no name");
    const value = withoutSpace(text, colon + 1, to);
    if (!fieldValue.test(value)) throw new BrokenAnswer(`the answer's header ${name} holds control characters`);
    lines.push(name, value);
    // Told apart by length first: few lines of an answer are about the connection.
    switch (name.length) {
      case 10: {
        const lower = name.toLowerCase();
        if (lower === "connection") keep = keeps(value, keep);
        else if (lower === "keep-alive") keepAlive = seconds(value);
        break;
      }
      case 14:
        if (name.toLowerCase() !== "content-length") break;
        if (length !== undefined || !/^\d{1,15}$/.test(value)) throw new BrokenAnswer("the answer's length is not one number");
        length = Number(value);
        break;
      case 17:
        if (name.toLowerCase() !== "transfer-encoding") break;
        if (chunked || minor === "0" || value.toLowerCase() !== "chunked")
          throw new BrokenAnswer("the answer has a transfer coding that is not chunked");
        chunked = true;
        break;
    }
  }
  if (chunked && length !== undefined) throw new BrokenAnswer("the answer is chunked and has a length too");
  const none = bodiless || status < 200 || status === 204 || status === 304;
  const octets = none ? 0 : chunked ? CHUNKED : (length ?? UNTIL_CLOSE);
  return { status, statusText: start[3] ?? "", lines, length: octets, reusable: keep && octets !== UNTIL_CLOSE, keepAlive };
}

/** Blanks and tabs alone: `trim` would take octets that belong to the value. */
function withoutSpace(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function keeps(connection: string, before: boolean): boolean {
  const options = connection.toLowerCase().split(",");
  let keep = before;
  for (const option of options) {
    const name = option.trim();
    if (name === "close") return false;
    if (name === "keep-alive") keep = true;
  }
  return keep;
}

function seconds(keepAlive: string): number | undefined {
  const found = /(?:^|[\s,;])timeout=(\d{1,9})\b/i.exec(keepAlive)?.[1];
  return found === undefined ? undefined : Number(found);
}
