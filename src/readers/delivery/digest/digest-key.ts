/** What a digest file's key is made of. */
export interface DigestPlace {
  readonly prefix?: string | undefined;
  /** Of an organization trail. */
  readonly organizationId?: string | undefined;
  readonly account: string;
  /** Whose log files it names. */
  readonly region: string;
  readonly trailName: string;
  readonly homeRegion: string;
}

/** Folder of the log files' kin: `[prefix/]AWSLogs/[o-id/]account/`. */
export function accountFolder({ prefix, organizationId, account }: DigestPlace): string {
  return `${prefix === undefined || prefix === "" ? "" : `${prefix}/`}AWSLogs/${organizationId === undefined ? "" : `${organizationId}/`}${account}/`;
}

/** `…/CloudTrail-Digest/us-east-1/`, of all trails that write there. */
export function digestFolder(place: DigestPlace): string {
  return `${accountFolder(place)}CloudTrail-Digest/${place.region}/`;
}

/**
 * Key of the digest file that ends at `end` (epoch seconds). The AWS CLI cuts the time out by its place from the end of the
 * key: 24 characters, 33 with `_backfill`.
 */
export function digestKey(place: DigestPlace, end: number, backfill: boolean): string {
  const { account, region, trailName, homeRegion } = place;
  const stamp = compactTime(end);
  const day = `${stamp.slice(0, 4)}/${stamp.slice(4, 6)}/${stamp.slice(6, 8)}`;
  const name = `${account}_CloudTrail-Digest_${region}_${trailName}_${homeRegion}_${stamp}${backfill ? "_backfill" : ""}.json.gz`;
  return `${digestFolder(place)}${day}/${name}`;
}

/** `20260302T090501Z` of epoch seconds. */
export function compactTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/[-:]|\.\d{3}/g, "");
}
