import { randomBytes } from "node:crypto";
import { remembered } from "../base/remembered.ts";

/**
 * Kinds of unique ids that carry their account: access keys (`AKIA` long-term, `ASIA` temporary), users, roles, groups,
 * instance profiles and managed policies; `LKIA` and `LSIA` are LocalStack's access keys.
 */
export const keyIdPrefixes = ["AKIA", "ASIA", "AIDA", "AROA", "AGPA", "AIPA", "ANPA", "LKIA", "LSIA"] as const;

export type KeyIdPrefix = (typeof keyIdPrefixes)[number];

const PREFIXES: ReadonlySet<string> = new Set(keyIdPrefixes);
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const KEY_ID = /^[A-Z]{4}[A-Z2-7]{16,124}$/;
/** Access keys have 20 characters, ids of principals 21. */
const LENGTHS: ReadonlyMap<KeyIdPrefix, number> = new Map([
  ["AKIA", 20],
  ["ASIA", 20],
  ["LKIA", 20],
  ["LSIA", 20],
]);
const PRINCIPAL_LENGTH = 21;

/** Of the 105 bits that 21 characters hold, 20 are the prefix, one is set, 40 are the account: 44 are free. */
const ENTROPY_BYTES = 6;

/**
 * The account inside an access key id or principal id, twelve digits; undefined where the id carries none. The sixteen
 * characters after the prefix are base32 (RFC 4648); the first 48 bits of that are one bit that is set in ids made since
 * 2019, then 40 bits of account, then seven of something else.
 */
export const accountOfKeyId: (id: string) => string | undefined = remembered((id) => {
  if (!KEY_ID.test(id) || !PREFIXES.has(id.slice(0, 4))) return undefined;
  let bits = 0n;
  for (const character of id.slice(4, 14)) bits = (bits << 5n) | BigInt(ALPHABET.indexOf(character));
  if (bits >> 49n !== 1n) return undefined;
  const account = (bits >> 9n) & 0xff_ffff_ffffn;
  return account > 999_999_999_999n ? undefined : account.toString().padStart(12, "0");
});

/**
 * A new id of that kind that decodes to the account. The same `entropy` (at least six bytes; random unless given) makes the same id.
 * Throws `RangeError` for an account that is not twelve digits, and for too little entropy.
 */
export function makeKeyId(prefix: KeyIdPrefix, accountId: string, entropy: Uint8Array = randomBytes(ENTROPY_BYTES)): string {
  if (!/^\d{12}$/.test(accountId)) throw new RangeError("an account id has twelve digits");
  if (entropy.length < ENTROPY_BYTES) throw new RangeError(`an id needs ${ENTROPY_BYTES} bytes of entropy`);
  let free = 0n;
  for (const byte of entropy.subarray(0, ENTROPY_BYTES)) free = (free << 8n) | BigInt(byte);
  free >>= 4n;
  let bits = (((1n << 40n) | BigInt(accountId)) << 44n) | free;

  const characters: string[] = [];
  for (let place = 0; place < 17; place++) {
    characters.unshift(ALPHABET.charAt(Number(bits & 31n)));
    bits >>= 5n;
  }
  return (prefix + characters.join("")).slice(0, LENGTHS.get(prefix) ?? PRINCIPAL_LENGTH);
}
