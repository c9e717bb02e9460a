import { createECDH, createHmac, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { ECDSA_ALGORITHM } from "./string-to-sign.ts";

/** The order of the curve P-256, less 2. */
const HIGHEST = 0xffffffff_00000000_ffffffff_ffffffff_bce6faad_a7179e84_f3b9cac2_fc632551n - 2n;
/** "FIPS 186-4, B.4.2" draws again for candidates that are too high: some one in four billion. */
const ATTEMPTS = 254;
const KEPT = 1024;

interface KeyPair {
  readonly secret: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/**
 * The key pairs with which SigV4A signs: derived from access key id and secret alone, so that both sides have the same
 * ("Deriving a signing key" for SigV4A in the IAM User Guide: NIST SP 800-108 in counter mode).
 */
export class AsymmetricKeys {
  readonly #pairs = new Map<string, KeyPair>();

  /** @param signature DER, hex; what is no signature is a wrong one. */
  verifies(accessKeyId: string, secret: string, stringToSign: string, signature: string): boolean {
    if (!/^(?:[0-9a-f]{2}){8,72}$/i.test(signature)) return false;
    const key = { key: this.#pair(accessKeyId, secret).publicKey, dsaEncoding: "der" as const };
    return verify("sha256", Buffer.from(stringToSign, "latin1"), key, Buffer.from(signature, "hex"));
  }

  /** DER, hex; another one each time. */
  sign(accessKeyId: string, secret: string, stringToSign: string): string {
    const key = { key: this.#pair(accessKeyId, secret).privateKey, dsaEncoding: "der" as const };
    return sign("sha256", Buffer.from(stringToSign, "latin1"), key).toString("hex");
  }

  #pair(accessKeyId: string, secret: string): KeyPair {
    const known = this.#pairs.get(accessKeyId);
    if (known?.secret === secret) return known;
    const pair = { secret, ...derive(accessKeyId, secret) };
    if (this.#pairs.size >= KEPT) this.#pairs.clear();
    this.#pairs.set(accessKeyId, pair);
    return pair;
  }
}

function derive(accessKeyId: string, secret: string): Omit<KeyPair, "secret"> {
  for (let counter = 1; counter <= ATTEMPTS; counter += 1) {
    const input = Buffer.concat([
      Buffer.from([0, 0, 0, 1]),
      Buffer.from(ECDSA_ALGORITHM),
      Buffer.from([0]),
      Buffer.from(accessKeyId),
      Buffer.from([counter, 0, 0, 1, 0]),
    ]);
    const candidate = BigInt(`0x${createHmac("sha256", `AWS4A${secret}`).update(input).digest("hex")}`);
    if (candidate <= HIGHEST) return pairOf(candidate + 1n);
  }
  throw new Error("no SigV4A key could be derived");
}

function pairOf(scalar: bigint): Omit<KeyPair, "secret"> {
  const d = Buffer.from(scalar.toString(16).padStart(64, "0"), "hex");
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(d);
  const point = curve.getPublicKey();
  const publicJwk = {
    kty: "EC",
    crv: "P-256",
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  return {
    publicKey: createPublicKey({ key: publicJwk, format: "jwk" }),
    privateKey: createPrivateKey({ key: { ...publicJwk, d: d.toString("base64url") }, format: "jwk" }),
  };
}
