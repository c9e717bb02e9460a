import { bareObject } from "../bare-object.ts";
import { DecodeBudget } from "../codec/decode-budget.ts";
import { DecodeError } from "../codec/decode-failure.ts";
import type { Tree } from "../tree.ts";
import { CborCursor } from "./cbor-cursor.ts";

const INDEFINITE = 31;
const BREAK = Symbol("break");

/**
 * Reads one CBOR data item (RFC 8949): every major type, definite and indefinite lengths, half to double floats. Tag 1 is
 * a date, tags 2 and 3 are big integers, tag 4 is a decimal fraction (as text, which loses nothing); other tags are looked
 * through. Integers beyond the safe ones are bigints; `undefined` reads as null; keys of maps become strings. Throws
 * `DecodeError`, also where bytes are left over.
 */
export function parseCbor(bytes: Uint8Array, budget: DecodeBudget = new DecodeBudget()): Tree {
  const cursor = new CborCursor(bytes);
  const value = item(cursor, budget, 0);
  if (cursor.left > 0) throw new DecodeError("CBOR has bytes after its value");
  return value;
}

function item(cursor: CborCursor, budget: DecodeBudget, depth: number): Tree {
  const value = itemOrBreak(cursor, budget, depth);
  if (value === BREAK) throw new DecodeError("CBOR has a break outside an indefinite length");
  return value;
}

function itemOrBreak(cursor: CborCursor, budget: DecodeBudget, depth: number): Tree | typeof BREAK {
  budget.spend(depth);
  const initial = cursor.byte();
  const major = initial >> 5;
  const info = initial & 31;
  if (major === 7) return simple(cursor, info);
  const indefinite = info === INDEFINITE;
  if (indefinite && (major < 2 || major > 5)) throw new DecodeError("CBOR has an indefinite length where none may be");
  const argument = indefinite ? 0 : cursor.argument(info);
  if (major === 0) return argument;
  if (major === 1) return typeof argument === "bigint" ? -1n - argument : negative(argument);
  if (major === 6) return tagged(argument, item(cursor, budget, depth + 1));
  if (typeof argument === "bigint") throw new DecodeError("CBOR has a length beyond its end");
  if (major === 2) return indefinite ? chunks(cursor, 2, budget, depth) : cursor.bytes(argument).slice();
  if (major === 3) return text(indefinite ? chunks(cursor, 3, budget, depth) : cursor.bytes(argument));
  return major === 4
    ? array(cursor, indefinite ? Infinity : argument, budget, depth)
    : map(cursor, indefinite ? Infinity : argument, budget, depth);
}

function array(cursor: CborCursor, length: number, budget: DecodeBudget, depth: number): Tree {
  const values: Tree[] = [];
  while (values.length < length) {
    const value = itemOrBreak(cursor, budget, depth + 1);
    if (value === BREAK && length === Infinity) break;
    if (value === BREAK) throw new DecodeError("CBOR has a break in a definite length");
    values.push(value);
  }
  return values;
}

function map(cursor: CborCursor, length: number, budget: DecodeBudget, depth: number): Tree {
  const members = bareObject<Tree>();
  for (let count = 0; count < length; count += 1) {
    const key = itemOrBreak(cursor, budget, depth + 1);
    if (key === BREAK && length === Infinity) break;
    if (typeof key !== "string" && typeof key !== "number" && typeof key !== "bigint" && typeof key !== "boolean") {
      throw new DecodeError("CBOR has a map key that is no scalar");
    }
    members[String(key)] = item(cursor, budget, depth + 1);
  }
  return members;
}

function chunks(cursor: CborCursor, major: number, budget: DecodeBudget, depth: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let initial = cursor.byte(); initial !== 0xff; initial = cursor.byte()) {
    budget.spend(depth + 1);
    const info = initial & 31;
    if (initial >> 5 !== major || info === INDEFINITE) throw new DecodeError("CBOR has a chunk of another type");
    const length = cursor.argument(info);
    if (typeof length === "bigint") throw new DecodeError("CBOR has a length beyond its end");
    parts.push(cursor.bytes(length));
  }
  return Uint8Array.from(Buffer.concat(parts));
}

function simple(cursor: CborCursor, info: number): Tree | typeof BREAK {
  if (info === 20 || info === 21) return info === 21;
  if (info === 22 || info === 23) return null;
  if (info === 25) return cursor.half();
  if (info === 26) return cursor.single();
  if (info === 27) return cursor.double();
  if (info === INDEFINITE) return BREAK;
  throw new DecodeError("CBOR has an unknown simple value");
}

function tagged(tag: number | bigint, value: Tree): Tree {
  if (tag === 1 && typeof value === "number") {
    const date = new Date(Math.round(value * 1000));
    return Number.isNaN(date.getTime()) ? value : date;
  }
  if ((tag === 2 || tag === 3) && value instanceof Uint8Array) {
    const magnitude = value.length === 0 ? 0n : BigInt(`0x${Buffer.from(value).toString("hex")}`);
    return tag === 2 ? magnitude : -1n - magnitude;
  }
  if (tag === 4 && Array.isArray(value) && value.length === 2) {
    const [exponent, mantissa] = value;
    if (typeof exponent === "number" && (typeof mantissa === "number" || typeof mantissa === "bigint"))
      return `${mantissa}e${exponent}`;
  }
  return value;
}

function negative(argument: number): number | bigint {
  const value = -1 - argument;
  return Number.isSafeInteger(value) ? value : -1n - BigInt(argument);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
