import { existsSync } from "node:fs";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { checkSqlite, openSqliteToRead } from "../../../../base/check-sqlite.ts";
import { type Finding, RESTORE } from "../../../../base/finding.ts";

export interface TrailsCheck {
  readonly trails: number;
  /** Newest journal position that a change of a trail stands at; 0 where there is none. */
  readonly newest: number;
  readonly findings: readonly Finding[];
}

type Row = Readonly<Record<string, SQLOutputValue>>;

const REMEDY = `${RESTORE}; or move the file away and create the trails anew`;

/** Reads every trail of a store that nobody has open. Changes nothing, and never throws for what the file holds. */
export function verifyTrails(path: string): TrailsCheck {
  if (!existsSync(path)) return { trails: 0, newest: 0, findings: [] };
  const findings: Finding[] = checkSqlite(path).map((found) => ({ ...found, remedy: REMEDY }));
  if (findings.length > 0) return { trails: 0, newest: 0, findings };
  const database = openSqliteToRead(path);
  let trails: readonly Row[] = [];
  let newest = 0;
  const find = (place: string, what: string | undefined): void => {
    if (what !== undefined) findings.push({ file: path, place, what, remedy: REMEDY });
  };
  try {
    trails = database.prepare("SELECT * FROM trails").all();
    const revisions = revisionsOf(database);
    const latest = new Map(revisions.map((row) => [row["trail"], row["settings"]]));
    for (const { account, home_region, name, settings } of trails) {
      const members = membersOf(settings);
      const place = `trail ${String(account)}/${String(name)}`;
      find(place, whatIsWrong(members, { accountId: account, homeRegion: home_region, name }));
      if (revisions.length > 0 && members instanceof Map && latest.get(members.get("id") as SQLOutputValue) !== settings)
        find(place, "the settings are not those of the trail's last revision");
    }
    for (const { sequence, trail, after, settings } of revisions) {
      newest = Math.max(newest, Number(after));
      find(`revision ${String(sequence)}`, whatIsWrong(membersOf(settings), { id: trail }));
    }
  } catch (error) {
    findings.push({ file: path, what: error instanceof Error ? error.message : String(error), remedy: REMEDY });
  } finally {
    database.close();
  }
  return { trails: trails.length, newest, findings };
}

/** None in a file of format 1. */
function revisionsOf(database: DatabaseSync): readonly Row[] {
  const { user_version: format } = database.prepare("PRAGMA user_version").get() ?? {};
  return Number(format) < 2 ? [] : database.prepare("SELECT * FROM revisions ORDER BY sequence").all();
}

/** The members of settings; else what is wrong with them. */
function membersOf(settings: SQLOutputValue | undefined): ReadonlyMap<string, unknown> | string {
  let trail: unknown;
  try {
    trail = JSON.parse(String(settings));
  } catch {
    return "the settings are not JSON";
  }
  if (typeof trail !== "object" || trail === null) return "the settings are not of their form";
  return new Map<string, unknown>(Object.entries(trail));
}

/** Whether settings are of the trail that their row is about, and name it as its ARN does. */
function whatIsWrong(members: ReadonlyMap<string, unknown> | string, key: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof members === "string") return members;
  const other = Object.entries(key).find(([name, value]) => members.get(name) !== value);
  if (other !== undefined) return `the settings have another ${other[0]} than the row`;
  const [region, account, name] = ["homeRegion", "accountId", "name"].map((member) => String(members.get(member)));
  if (!String(members.get("arn")).endsWith(`:cloudtrail:${region}:${account}:trail/${name}`)) return "the ARN is another trail's";
  return undefined;
}
