import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

/** Sealed bytes were changed, belong to another place, or were sealed under another key. */
export class SealBroken extends Error {
  override name = "SealBroken";
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES;

/**
 * Encrypts what rests on a disk: AES-256-GCM under a key derived from `secret` for one `purpose`. Layout: version 1, nonce (12 bytes),
 * ciphertext, tag (16 bytes). `place` says where the bytes belong and is authenticated with them, so that they open
 * nowhere else. Nonces are random: one key serves 2^32 seals (NIST SP 800-38D, section 8.3).
 */
export class Seal {
  readonly #key: Uint8Array;

  constructor(secret: Uint8Array, purpose: string) {
    this.#key = createHmac("sha256", secret).update(purpose).digest();
  }

  close(plain: Uint8Array, place: string): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(place));
    return Buffer.concat([Uint8Array.of(VERSION), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws `SealBroken`. */
  open(sealed: Uint8Array, place: string): Uint8Array {
    if (sealed.length < HEAD_BYTES + TAG_BYTES || sealed[0] !== VERSION) throw new SealBroken("not a seal of this version");
    const tagAt = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv("aes-256-gcm", this.#key, sealed.subarray(1, HEAD_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(sealed.subarray(tagAt));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES, tagAt)), decipher.final()]);
    } catch (error) {
      throw new SealBroken("changed, moved, or sealed under another key", { cause: error });
    }
  }
}
