import type { DigestPlace } from "../../../readers/delivery/digest/digest-key.ts";
import type { BucketReader } from "./bucket-reader.ts";
import { type DigestListing, endOfKey, listDigests } from "./digest-listing.ts";
import { type Finding, invalidFile, validFile } from "./finding.ts";
import { type DigestReader, InvalidDigest, type PreviousDigest, type SignedDigest } from "./signed-digest.ts";

export interface WalkOptions {
  readonly objects: BucketReader;
  readonly digests: DigestReader;
  readonly place: DigestPlace;
  readonly bucket: string;
  /** Epoch seconds. */
  readonly start: number;
  readonly end: number;
}

/** What a walk comes by: a digest with what is to be said of it, or something to say of none. */
export type Step = { readonly digest: SignedDigest; readonly finding: Finding } | { readonly finding: Finding };

/** Digests that are fetched ahead of the one that is looked at. */
const AHEAD = 6;

/** Follows a trail's digests from the newest to the oldest, from link to link, and over gaps by their names. */
export class DigestWalk {
  /** Digests by `bucket/key`, that were valid, newest first; without the files, which may be millions. */
  readonly valid = new Map<string, Omit<SignedDigest, "files">>();
  /** The newest of each unbroken chain. */
  readonly heads: Omit<SignedDigest, "files">[] = [];
  /** Named digests of other trails, by bucket. */
  readonly others = new Map<string, readonly string[]>();
  readonly #options: WalkOptions;
  readonly #seen = new Set<string>();
  readonly #listings = new Map<string, Promise<DigestListing>>();
  readonly #fetched = new Map<string, Promise<SignedDigest | undefined>>();

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  /** Standard digests; then backfill ones, in all the buckets that those were in. */
  async *walk(backfill: boolean): AsyncGenerator<Step> {
    if (!backfill) yield* this.#follow(this.#options.bucket, false);
    else for (const bucket of this.#listings.keys()) yield* this.#follow(bucket, true);
    yield* this.#strays(backfill);
  }

  async *#follow(first: string, backfill: boolean): AsyncGenerator<Step> {
    const { start } = this.#options;
    let bucket = first;
    let older = (await this.#names(bucket, backfill)).filter((name) => !this.#seen.has(`${first}/${name}`));
    let key = older.pop();
    let linked: (PreviousDigest & { readonly by: string }) | undefined;
    let lastStart = key === undefined ? 0 : (endOfKey(key) ?? 0);
    const nextByName = (): string | undefined => {
      const before = endOfKey(key ?? "") ?? Infinity;
      for (;;) {
        const next = older.pop();
        if (next === undefined || (endOfKey(next) ?? Infinity) < before) return next;
      }
    };

    while (key !== undefined && start <= lastStart) {
      this.#seen.add(`${bucket}/${key}`);
      let digest: SignedDigest | undefined;
      try {
        digest = await this.#fetch(bucket, key, older);
        if (digest === undefined) throw new InvalidDigest("not found");
        if (linked !== undefined) checkLink(digest, linked);
      } catch (error) {
        if (!(error instanceof InvalidDigest)) throw error;
        yield { finding: invalidFile("digest", bucket, key, error.message, backfill) };
        linked = undefined;
        key = nextByName();
        continue;
      }
      lastStart = digest.start;
      const { files: _, ...kept } = digest;
      this.valid.set(`${bucket}/${key}`, kept);
      if (linked === undefined) this.heads.push(kept);
      const { fault } = digest;
      const isWhole = fault === undefined;
      yield {
        digest,
        finding: isWhole ? validFile("digest", bucket, key, backfill) : invalidFile("digest", bucket, key, fault, backfill),
      };
      const { previous } = digest;
      if (previous === undefined) {
        linked = undefined;
        key = nextByName();
        const end = endOfKey(key ?? "");
        if (end !== undefined) {
          const reason = `No log files were delivered by CloudTrail between ${displayTime(end)} and ${displayTime(lastStart)}`;
          yield { finding: { subject: "time", backfill, state: "remark", reason } };
          lastStart = end;
        }
      } else {
        linked = { ...previous, by: key };
        key = previous.key;
        if (previous.bucket === bucket) {
          if (older.at(-1) === key) older.pop();
        } else {
          bucket = previous.bucket;
          const end = endOfKey(key) ?? 0;
          older = (await this.#names(bucket, backfill)).filter((name) => (endOfKey(name) ?? 0) < end);
        }
      }
    }
  }

  /** Files that look like digests of this trail, and that the walk did not come by. */
  async *#strays(backfill: boolean): AsyncGenerator<Step> {
    for (const bucket of this.#listings.keys()) {
      for (const key of await this.#names(bucket, backfill)) {
        if (this.#seen.has(`${bucket}/${key}`)) continue;
        yield { finding: invalidFile("digest", bucket, key, "no other digest file leads to it", backfill) };
      }
    }
  }

  async #names(bucket: string, backfill: boolean): Promise<readonly string[]> {
    const { objects, place, start, end } = this.#options;
    let listing = this.#listings.get(bucket);
    if (listing === undefined) this.#listings.set(bucket, (listing = listDigests(objects, bucket, place, start, end)));
    const { standard, backfill: backfills, others } = await listing;
    this.others.set(bucket, others);
    return backfill ? backfills : standard;
  }

  async #fetch(bucket: string, key: string, older: readonly string[]): Promise<SignedDigest | undefined> {
    const wanted = this.#ahead(bucket, key);
    this.#fetched.delete(`${bucket}/${key}`);
    for (const next of older.slice(-AHEAD)) if (this.#fetched.size < 2 * AHEAD) void this.#ahead(bucket, next);
    return await wanted;
  }

  #ahead(bucket: string, key: string): Promise<SignedDigest | undefined> {
    const name = `${bucket}/${key}`;
    let fetched = this.#fetched.get(name);
    if (fetched === undefined) {
      fetched = this.#options.digests.read(bucket, key);
      // Whoever needs it hears of it.
      fetched.catch(() => undefined);
      this.#fetched.set(name, fetched);
    }
    return fetched;
  }
}

/** Both ways: the digest that was signed later names what the former one is. */
function checkLink(digest: SignedDigest, linked: PreviousDigest & { readonly by: string }): void {
  if (linked.signature !== digest.signature)
    throw new InvalidDigest(`has another signature than s3://${digest.bucket}/${linked.by} names`);
  if (linked.hash !== digest.hash)
    throw new InvalidDigest(`has another hash value than s3://${digest.bucket}/${linked.by} names`);
}

/** As the AWS CLI shows times. */
export function displayTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}
