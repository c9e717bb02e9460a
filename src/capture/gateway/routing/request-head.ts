import { parseForm } from "../../../aws/query/form.ts";
import { joinHeaders } from "./header-lines.ts";

/** The head of a request, read once and shared by routing, identity and the record. */
export interface RequestHead {
  readonly method: string;
  /** Path and query exactly as received; begins with "/". */
  readonly target: string;
  /** Percent-encoded path without query. */
  readonly path: string;
  /** Decoded query parameters in order; a flag without `=` has the value "". */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Lower-case names; repeated lines joined with ", ". */
  readonly headers: ReadonlyMap<string, string>;
  /** Name and value in turn, as received. */
  readonly rawHeaders: readonly string[];
}

/** A head that no AWS service would look at; the message says why. */
export class MalformedHead extends Error {
  override name = "MalformedHead";
}

const framing = new Set(["content-length", "transfer-encoding", "host"]);

/**
 * Reads what was made of the request line and the header lines. Throws `MalformedHead` for a target that is no
 * path (`*`, an authority), for more than one Host line (RFC 9112, 3.2), for transfer codings other than `chunked` (6.1) and
 * for the names of such lines with `_` for `-`: two readers of such a request may see two different ones. A target in absolute
 * form loses its origin, as at any origin server.
 */
export function readRequestHead(method: string, target: string, rawHeaders: readonly string[]): RequestHead {
  const originForm = withoutOrigin(target);
  if (!originForm.startsWith("/")) throw new MalformedHead("the request target is not a path");
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? "";
    if (name === "host") hosts += 1;
    // CGI and WSGI know `_` and `-` for the same: behind those, this line would frame the message.
    if (name.includes("_") && framing.has(name.replaceAll("_", "-"))) throw new MalformedHead(`a header named ${name}`);
  }
  if (hosts > 1) throw new MalformedHead("more than one Host header");
  const headers = joinHeaders(rawHeaders);
  const coding = headers.get("transfer-encoding");
  if (coding !== undefined && coding.trim().toLowerCase() !== "chunked")
    throw new MalformedHead("a transfer coding that is not chunked");
  const mark = originForm.indexOf("?");
  return {
    method,
    target: originForm,
    path: mark === -1 ? originForm : originForm.slice(0, mark),
    query: mark === -1 ? [] : parseForm(originForm.slice(mark + 1)),
    headers,
    rawHeaders,
  };
}

/** First value of a query parameter, names compared exactly. */
export function queryValue(head: Pick<RequestHead, "query">, name: string): string | undefined {
  return head.query.find(([key]) => key === name)?.[1];
}

function withoutOrigin(target: string): string {
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0];
  if (origin === undefined) return target;
  const rest = target.slice(origin.length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}
