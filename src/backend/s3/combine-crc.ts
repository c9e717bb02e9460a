/** A CRC as an algebra: its width in bits and its polynomial, reflected. All of S3's start and end with every bit turned. */
interface Field {
  readonly width: bigint;
  readonly polynomial: bigint;
}

const FIELDS: ReadonlyMap<string, Field> = new Map([
  ["crc32", { width: 32n, polynomial: 0xedb8_8320n }],
  ["crc32c", { width: 32n, polynomial: 0x82f6_3b78n }],
  ["crc64nvme", { width: 64n, polynomial: 0x9a6c_9329_ac4b_c9b5n }],
]);

/** Whether the checksum of a whole can be told from those of its parts. */
export function canCombine(algorithm: string): boolean {
  return FIELDS.has(algorithm);
}

/**
 * The CRC of several runs of bytes one after the other, from the CRC (base64, big-endian) and the length of each: a run's
 * CRC moves up by x^(8 × the octets that follow), modulo the polynomial. Throws `RangeError` for an algorithm that is no CRC.
 */
export function combineCrcs(algorithm: string, runs: readonly { readonly value: string; readonly size: number }[]): string {
  const field = FIELDS.get(algorithm);
  if (field === undefined) throw new RangeError(`${algorithm} is no CRC`);
  // All parts but the last are usually of one size.
  const shifts = new Map<number, bigint>();
  let total = 0n;
  for (const { value, size } of runs) {
    let shift = shifts.get(size);
    if (shift === undefined) shifts.set(size, (shift = power(field, 8n * BigInt(size))));
    total = multiply(field, shift, total) ^ BigInt(`0x${Buffer.from(value, "base64").toString("hex") || "0"}`);
  }
  return Buffer.from(total.toString(16).padStart(Number(field.width / 4n), "0"), "hex").toString("base64");
}

/** x^exponent. The highest bit stands for x^0. */
function power(field: Field, exponent: bigint): bigint {
  let result = 1n << (field.width - 1n);
  let square = 1n << (field.width - 2n);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = multiply(field, square, result);
    square = multiply(field, square, square);
  }
  return result;
}

function multiply({ width, polynomial }: Field, a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = 1n << (width - 1n); bit > 0n; bit >>= 1n) {
    if ((a & bit) !== 0n) product ^= shifted;
    shifted = (shifted & 1n) === 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}
