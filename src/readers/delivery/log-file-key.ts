import { isoSeconds } from "../../base/clock.ts";
import type { LogGroup } from "./log-family.ts";

export interface LogFileName extends LogGroup {
  /** Of a trail that is an organization's. */
  readonly organizationId: string | undefined;
  /** Epoch milliseconds of a whole minute. */
  readonly stamp: number;
  /** 16 letters and digits. */
  readonly unique: string;
}

const EXTENSION = ".json.gz";

/**
 * Key of a log file:
 * `[prefix/]AWSLogs/[o-id/]ACCOUNT/FAMILY/REGION/YYYY/MM/DD/ACCOUNT_FAMILY_REGION_YYYYMMDDTHHmmZ_UNIQUE.json.gz`.
 */
export function logFileKey(prefix: string | undefined, name: LogFileName): string {
  const { organizationId, account, family, region, unique } = name;
  const time = isoSeconds(name.stamp);
  const stamp = `${time.slice(0, 16).replaceAll(/[-:]/g, "")}Z`;
  const date = time.slice(0, 10).replaceAll("-", "/");
  const file = `${account}_${family}_${region}_${stamp}_${unique}${EXTENSION}`;
  return [prefix, "AWSLogs", organizationId, account, family, region, date, file].filter((part) => part !== undefined).join("/");
}

export function uniquePartOf(key: string): string {
  return key.slice(key.lastIndexOf("_") + 1, -EXTENSION.length);
}
