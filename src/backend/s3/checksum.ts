import { createHash, type Hash } from "node:crypto";
import { crc32 } from "node:zlib";

/** A digest that grows with the bytes; `value` is base64 as S3's headers have it. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  value(): string;
}

/** The algorithms of `x-amz-checksum-ALGORITHM` that S3 has. */
export const CHECKSUM_ALGORITHMS = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"] as const;

/** Undefined for an algorithm that S3 does not have. */
export function runningChecksum(algorithm: string): RunningChecksum | undefined {
  switch (algorithm) {
    case "crc32":
      return new Crc32();
    case "crc32c":
      return new Crc32c();
    case "crc64nvme":
      return new Crc64Nvme();
    case "sha1":
    case "sha256":
      return new Digest(createHash(algorithm));
    default:
      return undefined;
  }
}

class Digest implements RunningChecksum {
  readonly #hash: Hash;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  value(): string {
    return this.#hash.copy().digest("base64");
  }
}

class Crc32 implements RunningChecksum {
  #state = 0;

  update(bytes: Uint8Array): void {
    this.#state = crc32(bytes, this.#state);
  }

  value(): string {
    return bigEndian(4, (view) => view.setUint32(0, this.#state));
  }
}

/** Castagnoli's polynomial, reflected. */
const CRC32C = tables32(0x82f6_3b78);

/** Four octets a step, a table for each ("slicing-by-4", Kounavis and Berry 2005). */
class Crc32c implements RunningChecksum {
  #state = -1;

  update(bytes: Uint8Array): void {
    const [t0, t1, t2, t3] = CRC32C;
    const quads = bytes.length - (bytes.length % 4);
    let state = this.#state;
    let at = 0;
    for (; at < quads; at += 4) {
      state ^= byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24);
      state =
        entry(t3, state & 0xff) ^ entry(t2, (state >>> 8) & 0xff) ^ entry(t1, (state >>> 16) & 0xff) ^ entry(t0, state >>> 24);
    }
    for (; at < bytes.length; at += 1) state = entry(t0, (state ^ byteAt(bytes, at)) & 0xff) ^ (state >>> 8);
    this.#state = state;
  }

  value(): string {
    return bigEndian(4, (view) => view.setInt32(0, ~this.#state));
  }
}

/** The polynomial of NVMe's 64-bit CRC, reflected, in two halves: JavaScript's integers for bits are 32 wide. */
const CRC64 = tables64(0x9a6c_9329, 0xac4b_c9b5);

/** As above; the upper half moves down while the lower is looked up. */
class Crc64Nvme implements RunningChecksum {
  #high = -1;
  #low = -1;

  update(bytes: Uint8Array): void {
    const [h0, h1, h2, h3] = CRC64.high;
    const [l0, l1, l2, l3] = CRC64.low;
    const quads = bytes.length - (bytes.length % 4);
    let [high, low] = [this.#high, this.#low];
    let at = 0;
    for (; at < quads; at += 4) {
      low ^= byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24);
      const a = low & 0xff;
      const b = (low >>> 8) & 0xff;
      const c = (low >>> 16) & 0xff;
      const d = low >>> 24;
      low = high ^ entry(l3, a) ^ entry(l2, b) ^ entry(l1, c) ^ entry(l0, d);
      high = entry(h3, a) ^ entry(h2, b) ^ entry(h1, c) ^ entry(h0, d);
    }
    for (; at < bytes.length; at += 1) {
      const index = (low ^ byteAt(bytes, at)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ entry(l0, index);
      high = (high >>> 8) ^ entry(h0, index);
    }
    [this.#high, this.#low] = [high, low];
  }

  value(): string {
    return bigEndian(8, (view) => {
      view.setInt32(0, ~this.#high);
      view.setInt32(4, ~this.#low);
    });
  }
}

type Tables = readonly [Int32Array, Int32Array, Int32Array, Int32Array];

/** Within bounds by construction; `?? 0` would cost as much again as the lookup. */
function entry(table: Int32Array, index: number): number {
  return table[index] as number;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

/** Table n is what an octet does to the CRC when n more octets follow. */
function tables32(polynomial: number): Tables {
  return tables64(0, polynomial).low;
}

function tables64(polynomialHigh: number, polynomialLow: number): { readonly high: Tables; readonly low: Tables } {
  const make = (): Tables => [new Int32Array(256), new Int32Array(256), new Int32Array(256), new Int32Array(256)];
  const [high, low] = [make(), make()];
  for (let index = 0; index < 256; index += 1) {
    let [h, l] = [0, index];
    for (let bit = 0; bit < 8; bit += 1) {
      const carry = l & 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (carry === 1) [h, l] = [h ^ polynomialHigh, l ^ polynomialLow];
    }
    high[0][index] = h;
    low[0][index] = l;
  }
  for (let follow = 1; follow < 4; follow += 1) {
    for (let index = 0; index < 256; index += 1) {
      const [h, l] = [high[follow - 1]?.[index] ?? 0, low[follow - 1]?.[index] ?? 0];
      const octet = l & 0xff;
      (high[follow] ?? high[0])[index] = (h >>> 8) ^ entry(high[0], octet);
      (low[follow] ?? low[0])[index] = ((l >>> 8) | (h << 24)) ^ entry(low[0], octet);
    }
  }
  return { high, low };
}

function bigEndian(length: number, fill: (view: DataView) => void): string {
  const bytes = new Uint8Array(length);
  fill(new DataView(bytes.buffer));
  return Buffer.from(bytes).toString("base64");
}
