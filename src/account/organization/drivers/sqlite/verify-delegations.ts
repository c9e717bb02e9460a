import { checkSqlite } from "../../../../base/check-sqlite.ts";
import { type Finding, RESTORE } from "../../../../base/finding.ts";

/** Checks a store that nobody has open: its values are single words, which SQLite's own check covers. Never throws. */
export function verifyDelegations(path: string): readonly Finding[] {
  const remedy = `${RESTORE}; or move the file away: the delegated administrators of the config file hold then`;
  return checkSqlite(path).map((found) => ({ ...found, remedy }));
}
