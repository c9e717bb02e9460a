/** "Quotas in AWS CloudTrail", as far as trails are concerned. AWS adjusts none of them; here they are settings. */
export interface Quotas {
  /** For each account; a multi-Region trail counts in every Region of its partition. */
  readonly trailsPerRegion: number;
  readonly tagsPerResource: number;
  readonly delegatedAdministrators: number;
  /** Calls a second of each operation, for each account and Region; undefined: no limit. LookupEvents has one of its own. */
  readonly readsPerSecond?: number | undefined;
  readonly writesPerSecond?: number | undefined;
}

/** AWS's, but for the calls a second: 10 that read and 1 of the others. */
export const AWS_QUOTAS: Quotas = { trailsPerRegion: 5, tagsPerResource: 50, delegatedAdministrators: 3 };
