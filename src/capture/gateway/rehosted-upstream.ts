import type { Endpoint } from "../../aws/endpoint.ts";

/**
 * An upstream that is spoken to by its own name: requests are signed anew for it where their signatures are known to hold,
 * and get its name as Host in any case.
 *
 * @param url origin of the upstream.
 */
export function createRehostedUpstream(upstream: Endpoint, url: string): Endpoint {
  const { host } = new URL(url);
  return {
    async send(request) {
      const { method, target, headers, body, context, signal, whenGone, forHost } = request;
      const gone = whenGone === undefined ? {} : { whenGone };
      const hosted = forHost?.(host) ?? { headers: withHost(headers, host) };
      return upstream.send({ method, target, body, context, signal, ...gone, ...hosted });
    },
    close: () => upstream.close(),
  };
}

function withHost(lines: readonly string[], host: string): string[] {
  const kept = ["Host", host];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    if (lines[i]?.toLowerCase() !== "host") kept.push(lines[i] ?? "", lines[i + 1] ?? "");
  }
  return kept;
}
