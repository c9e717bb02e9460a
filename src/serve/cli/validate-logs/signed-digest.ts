import type { IncomingMessage } from "node:http";
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { digestStringToSign, sha256Hex } from "../../../readers/delivery/digest/digest-document.ts";
import { AnswerTooLong, readAnswer } from "./signed-http.ts";
import type { BucketReader } from "./bucket-reader.ts";
import { inflateMember, NotOneMember } from "./inflate-member.ts";
import type { TrailSource } from "./trail-source.ts";

/** A digest file whose signature holds, and that lies where it says. */
export interface SignedDigest {
  readonly bucket: string;
  readonly key: string;
  /** Epoch seconds. */
  readonly start: number;
  readonly end: number;
  readonly hash: string;
  readonly signature: string;
  readonly previous: PreviousDigest | undefined;
  readonly isEmpty: boolean;
  /** What is wrong with the file, though all that is signed is as it was; undefined: nothing. */
  readonly fault: string | undefined;
  readonly files: readonly NamedFile[];
}

export interface PreviousDigest {
  readonly bucket: string;
  readonly key: string;
  readonly hash: string | undefined;
  readonly signature: string | undefined;
}

export interface NamedFile {
  readonly bucket: string;
  readonly key: string;
  readonly hash: string;
}

/** Why a digest file proves nothing; the message in the words of the AWS CLI. */
export class InvalidDigest extends Error {
  override name = "InvalidDigest";
}

/** Twice what 20,000 log files with long keys make, which is all that OpenTrail puts into one. It is read before anybody knows who wrote it. */
const MAX_BYTES = 24 * 1024 * 1024;
const HOUR = 3600;

/** Reads digest files and checks each by itself. */
export class DigestReader {
  readonly #objects: BucketReader;
  readonly #source: TrailSource;
  readonly #homeRegion: string;
  readonly #keys = new Map<string, KeyObject>();
  readonly #asked = new Map<number, Promise<void>>();

  constructor(objects: BucketReader, source: TrailSource, homeRegion: string) {
    this.#objects = objects;
    this.#source = source;
    this.#homeRegion = homeRegion;
  }

  /** How many there are. Epoch seconds. */
  async loadKeys(from: number, to: number): Promise<number> {
    const keys = await this.#source.publicKeys(from, to);
    for (const [fingerprint, value] of keys) {
      const key = publicKeyOf(fingerprint, value);
      if (key !== undefined) this.#keys.set(fingerprint, key);
    }
    return keys.size;
  }

  /** Undefined where there is no such file. Throws `InvalidDigest`. */
  async read(bucket: string, key: string): Promise<SignedDigest | undefined> {
    const answer = await this.#objects.get(bucket, key);
    if (answer === undefined) return undefined;
    const metadata = (name: string): string | undefined => {
      const value = answer.headers[`x-amz-meta-${name}`];
      return typeof value === "string" ? value : undefined;
    };
    const { bytes, fault } = inflated(await compressed(answer));
    const members = membersOf(bytes);
    const text = (name: string): string => {
      const value = members[name];
      if (typeof value !== "string") throw new InvalidDigest("invalid format");
      return value;
    };
    const optional = (name: string): string | undefined => (typeof members[name] === "string" ? text(name) : undefined);
    const signature = metadata("signature");
    if (signature === undefined || metadata("signature-algorithm") === undefined) {
      throw new InvalidDigest("signature verification failed");
    }
    const backfilledAt = metadata("backfill-generation-timestamp");
    if (isBackfill(key) && backfilledAt === undefined) throw new InvalidDigest("invalid format");
    const [start, end] = [timeOf(text("digestStartTime")), timeOf(text("digestEndTime"))];
    if (text("digestS3Bucket") !== bucket || text("digestS3Object") !== key) {
      throw new InvalidDigest("has been moved from its original location");
    }
    if (!("previousDigestSignature" in members)) throw new InvalidDigest("invalid format");
    const fingerprint = text("digestPublicKeyFingerprint");
    const publicKey = await this.#keyOf(fingerprint, backfilledAt === undefined ? end : timeOf(backfilledAt));
    const previousSignature = optional("previousDigestSignature");
    const hash = sha256Hex(bytes);
    const signed = digestStringToSign({
      endTime: text("digestEndTime"),
      bucket,
      key,
      hash,
      previousSignature: previousSignature ?? null,
    });
    const isSigned =
      /^[0-9a-f]+$/i.test(signature) && verify("sha256", Buffer.from(signed), publicKey, Buffer.from(signature, "hex"));
    if (!isSigned) throw new InvalidDigest("signature verification failed");
    const [previousBucket, previousKey] = [optional("previousDigestS3Bucket"), optional("previousDigestS3Object")];
    const previous =
      previousBucket === undefined || previousKey === undefined
        ? undefined
        : { bucket: previousBucket, key: previousKey, hash: optional("previousDigestHashValue"), signature: previousSignature };
    const files = filesOf(members["logFiles"]);
    return { bucket, key, start, end, hash, signature, previous, isEmpty: files.length === 0, fault, files };
  }

  async #keyOf(fingerprint: string, time: number): Promise<KeyObject> {
    let key = this.#keys.get(fingerprint);
    if (key === undefined) {
      // Asked once for an hour, however many digests name a key that nobody knows.
      const hour = Math.floor(time / HOUR);
      let asked = this.#asked.get(hour);
      if (asked === undefined) this.#asked.set(hour, (asked = this.loadKeys(time - HOUR, time + HOUR).then(() => undefined)));
      await asked;
      key = this.#keys.get(fingerprint);
    }
    if (key !== undefined) return key;
    throw new InvalidDigest(`public key not found in region ${this.#homeRegion} for fingerprint ${fingerprint.slice(0, 64)}`);
  }
}

export function isBackfill(key: string): boolean {
  return key.endsWith("_backfill.json.gz");
}

async function compressed(answer: IncomingMessage): Promise<Buffer> {
  try {
    return await readAnswer(answer, MAX_BYTES);
  } catch (error) {
    if (error instanceof AnswerTooLong) throw new InvalidDigest("invalid format");
    throw error;
  }
}

function inflated(bytes: Buffer): { readonly bytes: Buffer; readonly fault: string | undefined } {
  try {
    return { bytes: inflateMember(bytes, MAX_BYTES), fault: undefined };
  } catch (error) {
    if (!(error instanceof NotOneMember)) throw error;
    if (error.content !== undefined) return { bytes: error.content, fault: "unexpected data after end of compressed stream" };
    throw new InvalidDigest("invalid format");
  }
}

function membersOf(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  throw new InvalidDigest("invalid format");
}

function filesOf(value: unknown): readonly NamedFile[] {
  if (!Array.isArray(value)) throw new InvalidDigest("invalid format");
  return (value as readonly unknown[]).map((entry) => {
    const { s3Bucket, s3Object, hashValue } = (entry ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof s3Bucket !== "string" || typeof s3Object !== "string" || typeof hashValue !== "string") {
      throw new InvalidDigest("invalid format");
    }
    return { bucket: s3Bucket, key: s3Object, hash: hashValue };
  });
}

function timeOf(text: string): number {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text)) throw new InvalidDigest("invalid format");
  const time = Date.parse(text) / 1000;
  if (Number.isNaN(time)) throw new InvalidDigest("invalid format");
  return time;
}

/** Undefined for what is no RSA key in PKCS #1, or not the one of its fingerprint. */
function publicKeyOf(fingerprint: string, value: string): KeyObject | undefined {
  const der = Buffer.from(value, "base64");
  if (createHash("md5").update(der).digest("hex") !== fingerprint) return undefined;
  try {
    return createPublicKey({ key: der, format: "der", type: "pkcs1" });
  } catch {
    return undefined;
  }
}
