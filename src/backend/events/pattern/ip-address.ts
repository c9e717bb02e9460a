import { isIPv4, isIPv6 } from "node:net";
import { PatternError } from "./pattern-error.ts";

/** An address as `4:NUMBER` or `6:NUMBER`, the same for all its spellings; undefined for whatever is none. Never throws. */
export function addressOf(text: string): string | undefined {
  const parsed = parse(text);
  return parsed === undefined ? undefined : `${parsed.bits === 32 ? 4 : 6}:${parsed.number}`;
}

/** `10.0.0.0/24`, `2001:db8::/48`. Throws `PatternError` with AWS's words, which name no place. */
export function addressRange(cidr: string): (text: string) => boolean {
  const [ip = "", mask, ...more] = cidr.split("/");
  if (mask === undefined || more.length > 0) throw new PatternError("Malformed CIDR, one '/' required");
  if (!/^[+-]?[0-9]{1,9}$/.test(mask)) throw new PatternError("Malformed CIDR, mask bits must be an integer");
  const maskBits = Number(mask);
  if (maskBits < 0) throw new PatternError("Malformed CIDR, mask bits must not be negative");
  const base = parse(ip);
  if (base === undefined) throw new PatternError(`Nonstandard IP address: ${ip}`);
  const most = base.bits === 32 ? 31 : 127;
  if (maskBits > most) throw new PatternError(`IPv${base.bits === 32 ? 4 : 6} mask bits must be < ${most + 1}`);
  const host = BigInt(base.bits - maskBits);
  return (text) => {
    const address = parse(text);
    return address !== undefined && address.bits === base.bits && address.number >> host === base.number >> host;
  };
}

function parse(text: string): { readonly bits: 32 | 128; readonly number: bigint } | undefined {
  // The longest address of either kind, without a zone.
  if (text.length > 39) return undefined;
  if (isIPv4(text)) return { bits: 32, number: text.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) };
  // Addresses that end in the dotted form are not addresses to EventBridge.
  if (!isIPv6(text) || text.includes(".") || text.includes("%")) return undefined;
  const [head = "", tail] = text.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0");
  const groups = tail === undefined ? before : [...before, ...zeros, ...after];
  const number = groups.reduce((sum, group) => (sum << 16n) | BigInt(Number.parseInt(group, 16)), 0n);
  // An IPv4 address in IPv6's clothes is one.
  return number >> 32n === 0xffffn ? { bits: 32, number: number & 0xffffffffn } : { bits: 128, number };
}
