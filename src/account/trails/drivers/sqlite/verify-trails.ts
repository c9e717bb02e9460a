import { existsSync } from "node:fs";
import { checkSqlite, openSqliteToRead } from "../../../../base/check-sqlite.ts";
import { type Finding, RESTORE } from "../../../../base/finding.ts";

export interface TrailsCheck {
  readonly trails: number;
  readonly findings: readonly Finding[];
}

const REMEDY = `${RESTORE}; or move the file away and create the trails anew`;

/** Reads every trail of a store that nobody has open. Changes nothing, and never throws for what the file holds. */
export function verifyTrails(path: string): TrailsCheck {
  if (!existsSync(path)) return { trails: 0, findings: [] };
  const findings: Finding[] = checkSqlite(path).map((found) => ({ ...found, remedy: REMEDY }));
  if (findings.length > 0) return { trails: 0, findings };
  const database = openSqliteToRead(path);
  let trails = 0;
  try {
    for (const { account, home_region, name, settings } of database.prepare("SELECT * FROM trails").all()) {
      trails++;
      const key = { accountId: account, homeRegion: home_region, name };
      const what = whatIsWrong(String(settings), key);
      if (what !== undefined)
        findings.push({ file: path, place: `trail ${String(account)}/${String(name)}`, what, remedy: REMEDY });
    }
  } catch (error) {
    findings.push({ file: path, what: error instanceof Error ? error.message : String(error), remedy: REMEDY });
  } finally {
    database.close();
  }
  return { trails, findings };
}

/** Whether settings are JSON of the trail that their row is about. */
function whatIsWrong(settings: string, key: Readonly<Record<string, unknown>>): string | undefined {
  let trail: unknown;
  try {
    trail = JSON.parse(settings);
  } catch {
    return "the settings are not JSON";
  }
  if (typeof trail !== "object" || trail === null) return "the settings are not of their form";
  const members = new Map<string, unknown>(Object.entries(trail));
  const other = Object.entries(key).find(([name, value]) => members.get(name) !== value);
  return other === undefined ? undefined : `the settings have another ${other[0]} than the row`;
}
