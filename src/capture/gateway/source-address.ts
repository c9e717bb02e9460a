import { BlockList, isIP } from "node:net";
import { remembered } from "../../base/remembered.ts";

/** Finds a request's source address among those of proxies that are trusted to report it. */
export interface SourceAddresses {
  of(peer: string | undefined, forwardedFor: string | undefined): string;
}

/**
 * X-Forwarded-For is believed only from trusted proxies, read from the right: the last address that is not itself a
 * trusted proxy is the source, whatever stands before it was written by the source itself.
 *
 * @param trustedProxies addresses or networks (`10.0.0.0/8`); throws for anything else.
 */
export function createSourceAddresses(trustedProxies: readonly string[]): SourceAddresses {
  const trusted = new BlockList();
  for (const proxy of trustedProxies) {
    const [address = "", prefix] = proxy.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (address: string): boolean => trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  /** Peers are few, and asking the list costs a call out of JavaScript. */
  const peerOf = remembered((peer) => {
    const address = plainAddress(peer) ?? "0.0.0.0";
    return { address, trusted: isTrusted(address) };
  });
  return {
    of(peer, forwardedFor) {
      const { address, trusted: reports } = peerOf(peer ?? "");
      if (!reports || forwardedFor === undefined) return address;
      let source = address;
      const hops = forwardedFor.split(",").slice(-32);
      while (isTrusted(source)) {
        const before = plainAddress(hops.pop() ?? "");
        if (before === undefined) break;
        source = before;
      }
      return source;
    },
  };
}

/** Without IPv4-in-IPv6 prefix, zone, brackets and port; undefined where it is no address. */
function plainAddress(text: string): string | undefined {
  const trimmed = text.trim();
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(trimmed)?.[1] ?? trimmed.replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1");
  const address = bare.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
  return isIP(address) === 0 ? undefined : address;
}
