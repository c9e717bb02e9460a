import { DecodeError } from "../codec/decode-failure.ts";

/** Reads the parts of CBOR data items from left to right; throws `DecodeError` where the bytes end too soon. */
export class CborCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  /** A view of the next `length` bytes; no more is ever made than is there. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** The argument that the low five bits of an initial byte announce; a bigint beyond the safe integers. */
  argument(info: number): number | bigint {
    if (info < 24) return info;
    if (info === 24) return this.byte();
    if (info === 25) return this.#view.getUint16(this.#advance(2));
    if (info === 26) return this.#view.getUint32(this.#advance(4));
    if (info !== 27) throw new DecodeError("CBOR has a reserved length");
    const value = this.#view.getBigUint64(this.#advance(8));
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }

  half(): number {
    return this.#view.getFloat16(this.#advance(2));
  }

  single(): number {
    return this.#view.getFloat32(this.#advance(4));
  }

  double(): number {
    return this.#view.getFloat64(this.#advance(8));
  }

  #advance(length: number): number {
    const start = this.#at;
    if (length > this.left) throw new DecodeError("CBOR ends too soon");
    this.#at += length;
    return start;
  }
}
