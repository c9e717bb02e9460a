import { EMPTY_HASH, HMAC_ALGORITHM, macHex, sha256Hex } from "./string-to-sign.ts";

/**
 * Signs the chunks of a body one after the other, each signature over the one before ("Signature calculations …
 * transferring payload in multiple chunks" and "… including trailing headers" in the Amazon S3 API Reference).
 */
export class ChunkSigner {
  readonly #key: Buffer;
  readonly #place: string;
  #previous: string;

  /**
   * @param date and @param scope of the request's own signature.
   * @param seed the request's own signature, hex.
   */
  constructor(key: Buffer, date: string, scope: string, seed: string) {
    this.#key = key;
    this.#place = `${date}\n${scope}`;
    this.#previous = seed;
  }

  /** @param dataHash SHA-256 of the chunk's data, hex; of nothing for the last one. */
  chunk(dataHash: string): string {
    const text = `${HMAC_ALGORITHM}-PAYLOAD\n${this.#place}\n${this.#previous}\n${EMPTY_HASH}\n${dataHash}`;
    return (this.#previous = macHex(this.#key, text));
  }

  /** @param trailers lower-case names, their signature not among them, in the order of the wire. */
  trailer(trailers: Iterable<readonly [name: string, value: string]>): string {
    let lines = "";
    for (const [name, value] of trailers) lines += `${name}:${value}\n`;
    const text = `${HMAC_ALGORITHM}-TRAILER\n${this.#place}\n${this.#previous}\n${sha256Hex(Buffer.from(lines, "latin1"))}`;
    return (this.#previous = macHex(this.#key, text));
  }
}
