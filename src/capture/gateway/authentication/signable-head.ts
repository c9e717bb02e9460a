import type { SignableRequest } from "../../../aws/sigv4/canonical-request.ts";
import type { RequestHead } from "../routing/request-head.ts";

/** A request's head as its signer saw it. */
export function signableHead(head: Pick<RequestHead, "method" | "target" | "path" | "headers" | "rawHeaders">): SignableRequest {
  const { method, target, path, headers, rawHeaders } = head;
  let lines: ReadonlyMap<string, string> | undefined;
  return {
    method,
    path,
    query: target.slice(path.length + 1),
    header(name) {
      const joined = headers.get(name);
      if (joined?.includes(", ") !== true) return joined;
      // Several lines count as one with commas alone between their values; one line may hold a comma and a space of its own.
      lines ??= joinedTightly(rawHeaders);
      return lines.get(name);
    },
  };
}

function joinedTightly(rawHeaders: readonly string[]): Map<string, string> {
  const joined = new Map<string, string>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase();
    const value = (rawHeaders[i + 1] ?? "").trim();
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return joined;
}
