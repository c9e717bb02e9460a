import { createHash, createPrivateKey, generateKeyPair, type KeyObject, sign } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { isAwsRegionName } from "../../../aws/region.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Seal } from "../../../base/seal.ts";

/** A public key as ListPublicKeys shows it. */
export interface PublicKey {
  /** PKCS #1 RSAPublicKey, DER. */
  readonly value: Uint8Array;
  /** Epoch seconds. */
  readonly validFrom: number;
  readonly validTo: number;
  /** MD5 of `value`, lower-case hex. */
  readonly fingerprint: string;
}

/** The private half of the key that signs now. */
export interface Signer {
  readonly fingerprint: string;
  /** Lower-case hex of the RSA PKCS #1 v1.5 signature with SHA-256. */
  sign(text: string): string;
}

const DAY = 24 * 60 * 60;
/** As the keys that the documentation of ListPublicKeys shows: to the second. */
const VALID_SECONDS = 30 * DAY;
/** A key signs while this much of its validity is left; then the next one does, and both are valid for a while. */
const OVERLAP_SECONDS = 2 * DAY;
const MODULUS_BITS = 2048;
/** AWS has some forty. */
const MOST_ASKED_REGIONS = 64;

/**
 * The RSA keys that sign digests: some for each Region, as at AWS, made when first needed. Private halves are sealed at rest
 * and erased when they have expired; public halves are kept for ever, since digests are.
 */
export class SigningKeys {
  readonly #database: DatabaseSync;
  readonly #seal: Pick<Seal, "open" | "close">;
  readonly #clock: Clock;
  /** One at a time for each Region. */
  readonly #making = new Map<string, Promise<Signer>>();
  /** The Region's newest key, opened. */
  readonly #open = new Map<string, { readonly validFrom: number; readonly validTo: number; readonly signer: Signer }>();

  constructor(options: { readonly database: DatabaseSync; readonly seal: Pick<Seal, "open" | "close">; readonly clock: Clock }) {
    this.#database = options.database;
    this.#seal = options.seal;
    this.#clock = options.clock;
    this.#database.exec(`
      CREATE TABLE IF NOT EXISTS signing_keys (
        region TEXT NOT NULL, fingerprint TEXT NOT NULL, value BLOB NOT NULL, sealed BLOB,
        valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL, signed_from INTEGER, signed_to INTEGER,
        PRIMARY KEY (region, fingerprint)
      ) STRICT, WITHOUT ROWID;
    `);
  }

  /** The key that signs in this Region now; made, and durable, where there is none. */
  async signer(region: string): Promise<Signer> {
    const known = this.#signing(region);
    if (known !== undefined) return known;
    let making = this.#making.get(region);
    if (making === undefined) {
      making = this.#make(region).finally(() => this.#making.delete(region));
      this.#making.set(region, making);
    }
    return await making;
  }

  /** Within the caller's transaction: this key signs a digest of that time, so it is listed for that time. Epoch seconds. */
  noteSigned(region: string, fingerprint: string, from: number, to: number): void {
    this.#database
      .prepare(
        `UPDATE signing_keys SET signed_from = min(coalesce(signed_from, ?3), ?3), signed_to = max(coalesce(signed_to, ?4), ?4)
         WHERE region = ?1 AND fingerprint = ?2`,
      )
      .run(region, fingerprint, from, to);
  }

  /**
   * Keys that signed, or could sign, between the two times (epoch seconds), oldest first; without times the ones that are valid
   * now. A Region that has keys never answers with none: `validate-logs` gives up on an empty list, whatever there is to check.
   */
  list(region: string, from?: number, to?: number): readonly PublicKey[] {
    const now = Math.floor(this.#clock.now() / 1000);
    const [first, last] = from === undefined && to === undefined ? [now, now] : [from ?? -Infinity, to ?? Infinity];
    const rows = this.#database
      .prepare("SELECT * FROM signing_keys WHERE region = ? ORDER BY valid_from, fingerprint")
      .all(region);
    const found = rows.filter((row) => {
      const valid = Number(row["valid_from"]) <= last && Number(row["valid_to"]) >= first;
      const signed =
        from !== undefined || to !== undefined
          ? row["signed_from"] !== null && Number(row["signed_from"]) <= last && Number(row["signed_to"]) >= first
          : false;
      return valid || signed;
    });
    return (found.length > 0 ? found : rows.slice(-1)).map((row) => ({
      value: row["value"] as Uint8Array,
      validFrom: Number(row["valid_from"]),
      validTo: Number(row["valid_to"]),
      fingerprint: String(row["fingerprint"]),
    }));
  }

  /** The same, for whoever asks: as at AWS, a Region has a key before it has signed anything. */
  async published(region: string, from?: number, to?: number): Promise<readonly PublicKey[]> {
    if (this.#mayMake(region)) await this.signer(region);
    return this.list(region, from, to);
  }

  /** Names of Regions come from requests, so asking alone makes keys for so many of them. */
  #mayMake(region: string): boolean {
    if (!isAwsRegionName(region)) return false;
    const regions = this.#database.prepare("SELECT DISTINCT region FROM signing_keys LIMIT ?").all(MOST_ASKED_REGIONS);
    return regions.length + this.#making.size < MOST_ASKED_REGIONS && regions.every((row) => row["region"] !== region);
  }

  #signing(region: string): Signer | undefined {
    const now = this.#clock.now() / 1000;
    const fits = (key: { readonly validFrom: number; readonly validTo: number }): boolean =>
      key.validFrom <= now && now < key.validTo - OVERLAP_SECONDS;
    const open = this.#open.get(region);
    if (open !== undefined && fits(open)) return open.signer;
    const row = this.#database
      .prepare(
        `SELECT fingerprint, sealed, valid_from, valid_to FROM signing_keys
         WHERE region = ? AND sealed IS NOT NULL AND valid_from <= ? AND valid_to > ? ORDER BY valid_from DESC LIMIT 1`,
      )
      .get(region, Math.floor(now), Math.ceil(now) + OVERLAP_SECONDS);
    if (row === undefined) return undefined;
    const fingerprint = String(row["fingerprint"]);
    const der = this.#seal.open(row["sealed"] as Uint8Array, signingKeyPlace(region, fingerprint));
    const key = createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs1" });
    const opened = {
      validFrom: Number(row["valid_from"]),
      validTo: Number(row["valid_to"]),
      signer: signerOf(fingerprint, key),
    };
    this.#open.set(region, opened);
    return opened.signer;
  }

  async #make(region: string): Promise<Signer> {
    const { publicKey, privateKey } = await newPair();
    const value = publicKey.export({ type: "pkcs1", format: "der" });
    const fingerprint = createHash("md5").update(value).digest("hex");
    const sealed = this.#seal.close(privateKey.export({ type: "pkcs1", format: "der" }), signingKeyPlace(region, fingerprint));
    const validFrom = Math.floor(this.#clock.now() / 1000);
    const validTo = validFrom + VALID_SECONDS;
    this.#database
      .prepare("INSERT INTO signing_keys VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)")
      .run(region, fingerprint, value, sealed, validFrom, validTo);
    this.#database.prepare("UPDATE signing_keys SET sealed = NULL WHERE valid_to < ?").run(validFrom);
    const signer = signerOf(fingerprint, privateKey);
    this.#open.set(region, { validFrom, validTo, signer });
    return signer;
  }
}

function signerOf(fingerprint: string, key: KeyObject): Signer {
  return { fingerprint, sign: (text) => sign("sha256", Buffer.from(text), key).toString("hex") };
}

/** Where a sealed private half belongs. */
export function signingKeyPlace(region: string, fingerprint: string): string {
  return `${region} ${fingerprint}`;
}

/** Off the main thread: it takes a tenth of a second, now and then several. */
async function newPair(): Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }> {
  return await new Promise((done, fail) => {
    generateKeyPair("rsa", { modulusLength: MODULUS_BITS }, (error, publicKey, privateKey) => {
      if (error === null) done({ publicKey, privateKey });
      else fail(error);
    });
  });
}
