import { readFieldLines } from "../http1/field-lines.ts";
import { BrokenRequest, brokenRequest } from "./broken-request.ts";

/** `length` of a body whose end its chunks mark. */
export const CHUNKED = -1;

/** The head of a request as it stood on the wire. */
export interface RequestWireHead {
  readonly method: string;
  /** In any of the forms of RFC 9112, 3.2. */
  readonly target: string;
  /** Name and value in turn, one character an octet. */
  readonly lines: readonly string[];
  /** Octets of the body, or `CHUNKED`; 0 where there is none. */
  readonly length: number;
  /** HTTP/1.0: its connection carries no other request, and it knows no chunks. */
  readonly old: boolean;
  /** The connection may carry another request. */
  readonly keeps: boolean;
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
}

/** Methods are in capital letters, all that are registered; what is not ASCII in a target stands there percent-encoded. */
const requestLine = /^([A-Z][A-Z-]{0,31}) ([\x21-\x7e]+) HTTP\/1\.([01])$/;
const tabbedCoding = /\r\ntransfer-encoding:[^\r]*\t/i;

/** Reads request line and field lines, without the empty line that ends them, as strictly as `readFieldLines`. Throws `BrokenRequest`. */
export function readRequestWireHead(text: string): RequestWireHead {
  const end = text.indexOf("\r\n");
  const start = requestLine.exec(end === -1 ? text : text.slice(0, end));
  if (start === null) throw new BrokenRequest("no request line of HTTP/1.1");
  const [, method = "", target = "", minor] = start;
  if (method === "CONNECT") throw new BrokenRequest("nothing is tunnelled here");
  const { lines, length, chunked, keeps } = readFieldLines(text, end, brokenRequest);
  // A tab is space by the letter, but not to every reader: who does not know the coding for it sees no body, and a request in it.
  if (chunked && tabbedCoding.test(text)) throw new BrokenRequest("a transfer coding that is not chunked");
  const old = minor === "0";
  const { hosts, expectsContinue } = facts(lines);
  if (hosts > 1 || (hosts === 0 && !old)) throw new BrokenRequest("not one Host header");
  return {
    method,
    target,
    lines,
    length: chunked ? CHUNKED : (length ?? 0),
    old,
    keeps: keeps !== false && !old,
    expectsContinue: expectsContinue && !old,
  };
}

function facts(lines: readonly string[]): { readonly hosts: number; readonly expectsContinue: boolean } {
  let hosts = 0;
  let expectsContinue = false;
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const name = lines[i] ?? "";
    if (name.length === 4 && name.toLowerCase() === "host") hosts += 1;
    else if (name.length === 6 && name.toLowerCase() === "expect") expectsContinue = /^100-continue$/i.test(lines[i + 1] ?? "");
  }
  return { hosts, expectsContinue };
}
