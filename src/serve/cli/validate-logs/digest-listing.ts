import { compactTime, digestFolder, type DigestPlace } from "../../../readers/delivery/digest/digest-key.ts";
import { parseAmzDate } from "../../../aws/sigv4/amz-date.ts";
import type { BucketReader } from "./bucket-reader.ts";

/** The digest files of a bucket, by their names, each list in the order of time. */
export interface DigestListing {
  readonly standard: readonly string[];
  readonly backfill: readonly string[];
  /** Of other trails that write into the same folder. */
  readonly others: readonly string[];
}

const HOUR = 3600;

/** Those of one trail, account and Region that end from `start` to an hour after `end` (epoch seconds), as the AWS CLI takes them. */
export async function listDigests(
  objects: BucketReader,
  bucket: string,
  place: DigestPlace,
  start: number,
  end: number,
): Promise<DigestListing> {
  const folder = digestFolder(place);
  const own = `${place.account}_CloudTrail-Digest_${place.region}_${place.trailName}_${place.homeRegion}_`;
  const found: Record<keyof DigestListing, string[]> = { standard: [], backfill: [], others: [] };
  const [first, last] = [compactTime(start), compactTime(end + HOUR)];
  // A minute earlier, and without the name: other trails' digests stand among ours.
  const day = compactTime(start - 60);
  const after = `${folder}${day.slice(0, 4)}/${day.slice(4, 6)}/${day.slice(6, 8)}/`;
  const beyond = `${folder}${last.slice(0, 4)}/${last.slice(4, 6)}/${last.slice(6, 8)}0`;
  for await (const { key } of objects.list(bucket, folder, after)) {
    if (key > beyond) break;
    const name = /^\d{4}\/\d\d\/\d\d\/([^/]+_(\d{8}T\d{6}Z)(_backfill)?\.json\.gz)$/.exec(key.slice(folder.length));
    const [, file, stamp, backfill] = name ?? [];
    if (file === undefined || stamp === undefined || stamp < first || stamp > last) continue;
    const isOwn = file.startsWith(own) && file.length === own.length + stamp.length + (backfill ?? "").length + ".json.gz".length;
    if (!isOwn) found.others.push(key);
    else if (backfill === undefined) found.standard.push(key);
    else found.backfill.push(key);
  }
  return found;
}

/** When the digest of that name ends, epoch seconds; undefined for what is no such name. */
export function endOfKey(key: string): number | undefined {
  const time = parseAmzDate(/_(\d{8}T\d{6}Z)(?:_backfill)?\.json\.gz$/.exec(key)?.[1] ?? "");
  return time === undefined ? undefined : time / 1000;
}
