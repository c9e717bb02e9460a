const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The field lines of a message, and what they say of the message and its connection. */
export interface FieldLines {
  /** Name and value in turn, one character an octet. */
  readonly lines: readonly string[];
  /** Content-Length in octets. */
  readonly length: number | undefined;
  /** The body comes in chunks. */
  readonly chunked: boolean;
  /** `Connection` names `close`, or else `keep-alive`; undefined where it names neither. */
  readonly keeps: boolean | undefined;
}

/**
 * Reads field lines, each behind a CRLF of `text` from `start` on, without the empty line that ends them. Strict, as whoever forwards
 * messages must be (RFC 9112, 11.2): no folded lines, no bare line feeds, no two lengths, no length beside chunks, no coding but
 * `chunked`. Throws what `broken` makes.
 */
export function readFieldLines(text: string, start: number, broken: (what: string) => Error): FieldLines {
  const lines: string[] = [];
  let length: number | undefined;
  let chunked = false;
  let keeps: boolean | undefined;
  let end = start;
  while (end !== -1) {
    const from = end + 2;
    end = text.indexOf("\r\n", from);
    const to = end === -1 ? text.length : end;
    const colon = text.indexOf(":", from);
    const name = text.slice(from, colon === -1 || colon > to ? to : colon);
    if (colon === -1 || colon > to || !fieldName.test(name)) throw broken("a header line has no name");
    const value = withoutSpace(text, colon + 1, to);
    if (!fieldValue.test(value)) throw broken(`the header ${name} holds control characters`);
    lines.push(name, value);
    // Told apart by length first: few lines of a message are about the connection.
    switch (name.length) {
      case 10:
        if (name.toLowerCase() === "connection") keeps = keepsAfter(value, keeps);
        break;
      case 14:
        if (name.toLowerCase() !== "content-length") break;
        if (length !== undefined || !/^\d{1,15}$/.test(value)) throw broken("the Content-Length is not one number");
        length = Number(value);
        break;
      case 17:
        if (name.toLowerCase() !== "transfer-encoding") break;
        if (chunked || value.toLowerCase() !== "chunked") throw broken("a transfer coding that is not chunked");
        chunked = true;
        break;
    }
  }
  if (chunked && length !== undefined) throw broken("chunks, and a Content-Length too");
  return { lines, length, chunked, keeps };
}

/** Throws `RangeError` for lines that no message may have. */
export function checkFieldLines(lines: readonly string[]): void {
  let names = "";
  let values = "";
  for (let i = 0; i + 1 < lines.length; i += 2) {
    if (lines[i] === "") throw new RangeError("a header line has no name");
    names += lines[i] ?? "";
    values += lines[i + 1] ?? "";
  }
  if (names !== "" && !fieldName.test(names)) throw new RangeError("a header's name is no token");
  if (!fieldValue.test(values)) throw new RangeError("a header holds characters that are none of HTTP's");
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

function keepsAfter(connection: string, before: boolean | undefined): boolean | undefined {
  let keeps = before;
  for (const option of connection.toLowerCase().split(",")) {
    const name = option.trim();
    if (name === "close") return false;
    if (name === "keep-alive" && keeps !== false) keeps = true;
  }
  return keeps;
}
