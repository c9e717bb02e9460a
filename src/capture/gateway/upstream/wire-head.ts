import { readFieldLines } from "../http1/field-lines.ts";

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

/**
 * Reads status line and field lines, without the empty line that ends them. Throws `BrokenAnswer`.
 *
 * @param bodiless the request was a HEAD.
 */
export function readWireHead(text: string, bodiless: boolean): WireHead {
  const end = text.indexOf("\r\n");
  const start = statusLine.exec(end === -1 ? text : text.slice(0, end));
  if (start === null) throw new BrokenAnswer("the answer does not begin with an HTTP/1.1 status line");
  const current = start[1] === "1";
  const status = Number(start[2]);
  const { lines, length, chunked, keeps } = readFieldLines(text, end, brokenAnswer);
  if (chunked && !current) throw new BrokenAnswer("the answer is chunked, in HTTP/1.0");
  const none = bodiless || status < 200 || status === 204 || status === 304;
  const octets = none ? 0 : chunked ? CHUNKED : (length ?? UNTIL_CLOSE);
  const reusable = (keeps ?? current) && octets !== UNTIL_CLOSE;
  return { status, statusText: start[3] ?? "", lines, length: octets, reusable, keepAlive: keepAliveOf(lines) };
}

export function brokenAnswer(what: string): BrokenAnswer {
  return new BrokenAnswer(`the answer is broken: ${what}`);
}

function keepAliveOf(lines: readonly string[]): number | undefined {
  for (let i = 0; i + 1 < lines.length; i += 2)
    if (lines[i]?.length === 10 && lines[i]?.toLowerCase() === "keep-alive") return seconds(lines[i + 1] ?? "");
  return undefined;
}

function seconds(keepAlive: string): number | undefined {
  const found = /(?:^|[\s,;])timeout=(\d{1,9})\b/i.exec(keepAlive)?.[1];
  return found === undefined ? undefined : Number(found);
}
