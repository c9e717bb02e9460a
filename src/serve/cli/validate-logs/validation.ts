import { CliError } from "../endpoint-client.ts";
import type { BucketReader } from "./bucket-reader.ts";
import type { ChainHead, Checkpoint } from "./checkpoint.ts";
import { Coverage } from "./coverage.ts";
import { DigestWalk, displayTime, type WalkOptions } from "./digest-walk.ts";
import { type Finding, invalidFile, validFile } from "./finding.ts";
import { inOrder } from "./in-order.ts";
import { hashMember, NotOneMember } from "./inflate-member.ts";
import { type DigestReader, InvalidDigest, isBackfill, type NamedFile } from "./signed-digest.ts";
import type { LoggingState } from "./trail-source.ts";
import { unnamedFiles } from "./unnamed-files.ts";

export interface ValidationOptions extends WalkOptions {
  readonly objects: BucketReader;
  readonly digests: DigestReader;
  /** Undefined where it is not known whether the trail has digests to expect. */
  readonly logging: LoggingState | undefined;
  /** Whether there are digests while the trail logs, log files or not: in its home Region, of its own account. */
  readonly always: boolean;
  /** Epoch seconds. */
  readonly now: number;
  readonly before: Checkpoint | undefined;
  /** Files that are read at a time. */
  readonly parallel: number;
  /** Whether files that no digest names are looked for. */
  readonly unnamed: boolean;
}

/** Between digests, where none says. */
const HOUR = 3600;
/** A digest that is later than this after the one before it is missed, if that is more than another window. */
const LATE_SECONDS = 15 * 60;

const ATTEMPTS = 3;
const FAULTS: Readonly<Record<NotOneMember["reason"], string>> = {
  format: "invalid format",
  trailing: "unexpected data after end of compressed stream",
  "too-large": "too large",
};

/** One check of a trail, account and Region. */
export class Validation {
  readonly #options: ValidationOptions;
  readonly #walk: DigestWalk;
  /** `bucket/key` of log files. */
  readonly #named = new Set<string>();

  constructor(options: ValidationOptions) {
    this.#options = options;
    this.#walk = new DigestWalk(options);
  }

  /** Newest digests first, each with its log files, backfill ones behind the others. */
  async *findings(): AsyncGenerator<Finding> {
    const { objects, digests, start, end, place, before, unnamed, parallel } = this.#options;
    yield* inOrder(this.#work(), parallel);
    yield* new Coverage(this.#walk.valid.values()).holes(start);
    yield* this.#missing();
    for (const head of before?.heads ?? []) {
      const finding = await this.#compare(head);
      if (finding !== undefined) yield finding;
    }
    if (!unnamed) return;
    yield* unnamedFiles({ objects, digests, walk: this.#walk, place, start, end, named: this.#named });
  }

  /** The times that valid digests were found for, epoch seconds. */
  found(): { readonly start: number; readonly end: number } | undefined {
    const { start, end } = this.#options;
    const digests = [...this.#walk.valid.values()];
    if (digests.length === 0) return undefined;
    return {
      start: Math.max(
        start,
        digests.reduce((least, digest) => Math.min(least, digest.start), Infinity),
      ),
      end: Math.min(
        end,
        digests.reduce((most, digest) => Math.max(most, digest.end), -Infinity),
      ),
    };
  }

  /** For the next check: the ends of chains that are known by now. */
  heads(): readonly ChainHead[] {
    const known = this.#options.before?.heads ?? [];
    const now = [...this.#walk.heads].reverse().map(({ bucket, key, hash, signature }) => ({ bucket, key, hash, signature }));
    const ends = new Set(now.map(({ bucket, key }) => `${bucket}/${key}`));
    // What a newer one leads to is held by that.
    const kept = known.filter(({ bucket, key }) => !ends.has(`${bucket}/${key}`) && !this.#walk.valid.has(`${bucket}/${key}`));
    return [...kept, ...now];
  }

  async *#work(): AsyncGenerator<() => Promise<Finding>> {
    for (const backfill of [false, true]) {
      for await (const step of this.#walk.walk(backfill)) {
        yield async () => step.finding;
        for (const file of "digest" in step ? step.digest.files : []) yield async () => await this.#checkFile(file);
      }
    }
  }

  async #checkFile({ bucket, key, hash }: NamedFile): Promise<Finding> {
    const name = `${bucket}/${key}`;
    if (this.#named.has(name)) return invalidFile("log", bucket, key, "two digest files name it");
    this.#named.add(name);
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#options.objects.get(bucket, key);
      if (answer === undefined) return invalidFile("log", bucket, key, "not found");
      try {
        const isSame = (await hashMember(answer, Number(answer.headers["content-length"]))) === hash;
        return isSame ? validFile("log", bucket, key) : invalidFile("log", bucket, key, "hash value doesn't match");
      } catch (error) {
        answer.destroy();
        if (error instanceof NotOneMember) return invalidFile("log", bucket, key, FAULTS[error.reason]);
        // The connection broke: that says nothing of the file.
        if (attempt === ATTEMPTS) throw new CliError(`s3://${bucket}/${key} cannot be read: ${(error as Error).message}`);
      }
    }
  }

  /** Digests that should be there by now: nothing that is left leads to the newest ones, once they are taken away. */
  *#missing(): Generator<Finding> {
    const { logging, always, now, start, end, bucket } = this.#options;
    const digests = [...this.#walk.valid.values()];
    if (logging === undefined || (digests.length === 0 && !always)) return;
    const newest = digests.reduce((most, digest) => Math.max(most, digest.end), start);
    const window = digests.length === 0 ? HOUR : Math.max(60, ...digests.slice(0, 3).map((digest) => digest.end - digest.start));
    const expected = logging.isLogging ? Math.min(now, end) : Math.min(now, end, logging.stoppedAt ?? 0);
    // What was before the last start may have ended as it should.
    const since = Math.max(newest, logging.startedAt ?? 0);
    if (expected - since <= window + Math.min(window, LATE_SECONDS)) return;
    const what = `No digest file was found in s3://${bucket} after ${displayTime(newest)}; one was due by ${displayTime(since + window)}`;
    const hint = digests.length > 0 ? "" : ". If the trail's bucket has just changed, --s3-bucket names the former one";
    yield { subject: "time", backfill: false, state: "invalid", bucket, reason: `${what}${hint}` };
  }

  async #compare({ bucket, key, hash, signature }: ChainHead): Promise<Finding | undefined> {
    const known = this.#walk.valid.get(`${bucket}/${key}`);
    const backfill = isBackfill(key);
    const changed = (reason: string): Finding => invalidFile("digest", bucket, key, `${reason} since the checkpoint`, backfill);
    try {
      const now = known ?? (await this.#options.digests.read(bucket, key));
      if (now === undefined) return changed("was removed");
      return now.hash === hash && now.signature === signature ? undefined : changed("was changed");
    } catch (error) {
      if (error instanceof InvalidDigest) return changed("was changed");
      throw error;
    }
  }
}
