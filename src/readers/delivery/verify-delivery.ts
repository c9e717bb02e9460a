import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { checkSqlite, openSqliteToRead } from "../../base/check-sqlite.ts";
import { type Finding, RESTORE } from "../../base/finding.ts";
import type { Seal } from "../../base/seal.ts";
import { signingKeyPlace } from "./digest/signing-keys.ts";

export interface DeliveryCheck {
  /** Of trails that are there, or were and have something left. */
  readonly lanes: number;
  /** Log files and digests that are still to be sent. */
  readonly pending: number;
  /** Newest journal position that anything stands at. */
  readonly newest: number;
  readonly findings: readonly Finding[];
}

type Row = Readonly<Record<string, SQLOutputValue>>;

const REMEDY = `${RESTORE}; without it, move the file away: trails go on from where the journal begins, with new chains of digests`;

/**
 * Checks what delivery keeps, in a file that nobody has open. Changes nothing, and never throws for what it holds.
 *
 * @param seal of the private halves of signing keys.
 */
export function verifyDelivery(path: string, seal: Pick<Seal, "open">): DeliveryCheck {
  if (!existsSync(path)) return { lanes: 0, pending: 0, newest: 0, findings: [] };
  const findings: Finding[] = checkSqlite(path).map((found) => ({ ...found, remedy: REMEDY }));
  if (findings.length > 0) return { lanes: 0, pending: 0, newest: 0, findings };
  const database = openSqliteToRead(path);
  const find = (place: string, what: string): void => void findings.push({ file: path, place, what, remedy: REMEDY });
  let [lanes, pending, newest] = [0, 0, 0];
  try {
    const planned = rows(database, "plans", "SELECT trail, sum(events) AS events FROM plans GROUP BY trail");
    const waiting = new Map(planned.map(({ trail, events }) => [trail, Number(events)]));
    for (const { trail, planned: position, recorded, filtered, delivered, expired } of rows(database, "lanes")) {
      lanes += 1;
      newest = Math.max(newest, Number(position));
      const parts = Number(filtered) + Number(delivered) + Number(expired) + (waiting.get(trail ?? null) ?? 0);
      if (Number(recorded) !== parts)
        find(`trail ${String(trail)}`, `${Number(recorded)} events recorded, but ${parts} accounted for`);
    }
    for (const { id, family, after, up_to, events } of rows(database, "plans")) {
      pending += 1;
      const span = Number(up_to) - Number(after);
      const least = family === "CloudTrail-Aggregated" ? 0 : 1;
      if (span < 1 || Number(events) < least || Number(events) > span)
        find(`plan ${String(id)}`, "no such span of events can be");
    }
    for (const { position } of rows(database, "sink_lanes")) newest = Math.max(newest, Number(position));
    for (const { key } of rows(database, "digests")) {
      pending += 1;
      if (!String(key).endsWith(".json.gz")) find(`digest ${String(key)}`, "the key is not a digest's");
    }
    for (const { region, fingerprint, value, sealed } of rows(database, "signing_keys")) {
      const place = signingKeyPlace(String(region), String(fingerprint));
      if (sealed instanceof Uint8Array && !opens(seal, sealed, place)) {
        find(`signing key ${place}`, "its private half does not open under delivery.key");
      }
      const seen = createHash("md5")
        .update(value instanceof Uint8Array ? value : "")
        .digest("hex");
      if (seen !== fingerprint) find(`signing key ${String(fingerprint)}`, `the key has the fingerprint ${seen}`);
    }
  } catch (error) {
    findings.push({ file: path, what: error instanceof Error ? error.message : String(error), remedy: REMEDY });
  } finally {
    database.close();
  }
  return { lanes, pending, newest, findings };
}

function opens(seal: Pick<Seal, "open">, sealed: Uint8Array, place: string): boolean {
  try {
    seal.open(sealed, place);
    return true;
  } catch {
    return false;
  }
}

/** All of a table, or what `query` makes of it; none where it was never made. */
function rows(database: DatabaseSync, table: string, query = `SELECT * FROM ${table}`): readonly Row[] {
  const known = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table);
  return known === undefined ? [] : database.prepare(query).all();
}
