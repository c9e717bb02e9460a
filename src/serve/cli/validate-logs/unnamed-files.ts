import { compactTime, digestFolder } from "../../../readers/delivery/digest/digest-key.ts";
import type { BucketReader } from "./bucket-reader.ts";
import { Coverage } from "./coverage.ts";
import type { DigestWalk, WalkOptions } from "./digest-walk.ts";
import { type Finding, invalidFile } from "./finding.ts";
import { InvalidDigest, type DigestReader } from "./signed-digest.ts";

/** Folders beside `CloudTrail-Digest` that hold log files. */
const FAMILIES = ["CloudTrail", "CloudTrail-Insight", "CloudTrail-NetworkActivity", "CloudTrail-Aggregated"];
const DAY = 24 * 60 * 60;
/** The store's clock and CloudTrail's may differ, and a file is written a little before it counts as delivered. */
const MARGIN = 300;

export interface UnnamedOptions extends Pick<WalkOptions, "place" | "start" | "end"> {
  readonly objects: BucketReader;
  readonly digests: DigestReader;
  readonly walk: DigestWalk;
  /** `bucket/key` of the files that digests name. */
  readonly named: ReadonlySet<string>;
}

/**
 * Log files that were written in a time of which digests speak, and that no digest names: somebody else has put them there. When
 * a file was written is what the store says; its name may say anything. Files of other trails in the same folder are told by
 * those trails' digests.
 */
export async function* unnamedFiles(options: UnnamedOptions): AsyncGenerator<Finding> {
  const { objects, walk, place, start, end, named } = options;
  const coverage = new Coverage(walk.valid.values());
  const folder = digestFolder(place);
  const shortest = Math.min(
    MARGIN,
    ...[...walk.valid.values()].map((digest) => digest.end - digest.start).filter((span) => span > 1),
  );
  let others: ReadonlySet<string> | undefined;
  for (const bucket of new Set([...walk.valid.values()].map((digest) => digest.bucket))) {
    for (const family of FAMILIES) {
      const base = folder.replace(/CloudTrail-Digest\/[^/]+\/$/, `${family}/${place.region}/`);
      const beyond = `${base}${dayOf(end + 2 * DAY)}`;
      for await (const { key, modified } of objects.list(bucket, base, `${base}${dayOf(start - DAY)}`)) {
        if (key > beyond) break;
        if (key.endsWith("/") || named.has(`${bucket}/${key}`)) continue;
        if (!coverage.covers(modified - shortest, modified + shortest)) continue;
        others ??= await namedByOthers(options);
        if (!others.has(`${bucket}/${key}`)) yield invalidFile("log", bucket, key, "no digest file names it");
      }
    }
  }
}

async function namedByOthers({ digests, walk }: UnnamedOptions): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  for (const [bucket, keys] of walk.others) {
    for (const key of keys) {
      try {
        for (const file of (await digests.read(bucket, key))?.files ?? []) named.add(`${file.bucket}/${file.key}`);
      } catch (error) {
        // What is not signed vouches for nothing.
        if (!(error instanceof InvalidDigest)) throw error;
      }
    }
  }
  return named;
}

function dayOf(seconds: number): string {
  const day = compactTime(seconds);
  return `${day.slice(0, 4)}/${day.slice(4, 6)}/${day.slice(6, 8)}`;
}
