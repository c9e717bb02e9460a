import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { checkSqlite, openSqliteToRead } from "../base/check-sqlite.ts";
import type { Finding } from "../base/finding.ts";
import type { Stretch } from "./s3/stored.ts";

export interface EmbeddedCheck {
  /** SQLite files. */
  readonly databases: number;
  readonly objects: number;
  readonly findings: readonly Finding[];
  /** What has no checks of its own that could be run. */
  readonly unchecked: readonly string[];
}

const REMEDY =
  "The event record does not depend on it. Restore the folder embedded from a backup, or delete the object and store it anew";

/**
 * Reads the embedded account's store, which nobody has open: SQLite's structures, and of S3 every object's file, whose MD5 is
 * its ETag unless it was uploaded in parts. DynamoDB's tables are left out. Changes nothing, never throws for what the files hold.
 */
export async function verifyEmbedded(directory: string, progress?: (done: number, of: number) => void): Promise<EmbeddedCheck> {
  const findings: Finding[] = [];
  if (!existsSync(directory)) return { databases: 0, objects: 0, findings, unchecked: [] };
  const databases = ["s3", "messaging", "logs", "events"].flatMap((part) => databasesBelow(join(directory, part)));
  for (const file of databases) findings.push(...checkSqlite(file).map((found) => ({ ...found, remedy: REMEDY })));
  const store = databases.find((file) => basename(file) === "s3.sqlite");
  const isSound = store !== undefined && findings.every(({ file }) => !file.startsWith(store));
  const objects = isSound ? await checkObjects(store, join(directory, "s3", "bodies"), findings, progress) : 0;
  const unchecked = existsSync(join(directory, "dynamodb")) ? [join(directory, "dynamodb")] : [];
  return { databases: databases.length, objects, findings, unchecked };
}

function databasesBelow(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(sqlite|db)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function checkObjects(
  store: string,
  bodies: string,
  findings: Finding[],
  progress: ((done: number, of: number) => void) | undefined,
): Promise<number> {
  const database = openSqliteToRead(store);
  try {
    const octets = Number(database.prepare("SELECT sum(size) AS octets FROM object").get()?.["octets"] ?? 0);
    let [objects, done] = [0, 0];
    for (const row of database.prepare("SELECT bucket, key, body, etag, size FROM object").iterate()) {
      const place = `object ${String(row["bucket"])}/${String(row["key"])}`;
      for (const [file, what] of await checkBody(bodies, String(row["body"]), String(row["etag"]))) {
        findings.push({ file, place, what, remedy: REMEDY });
      }
      objects++;
      done += Number(row["size"]);
      progress?.(done, octets);
    }
    return objects;
  } catch (error) {
    findings.push({ file: store, what: error instanceof Error ? error.message : String(error), remedy: REMEDY });
    return 0;
  } finally {
    database.close();
  }
}

async function checkBody(
  bodies: string,
  body: string,
  etag: string,
): Promise<readonly (readonly [file: string, what: string])[]> {
  const found: [string, string][] = [];
  const stretches = JSON.parse(body) as readonly Stretch[];
  for (const { file, size } of stretches) {
    const path = join(bodies, basename(file));
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) found.push([path, "the file is missing"]);
    else if (stat.size !== size) found.push([path, `the file has ${stat.size} octets instead of ${size}`]);
  }
  const [only] = stretches;
  const md5 = /^"([0-9a-f]{32})"$/.exec(etag)?.[1];
  if (found.length > 0 || only === undefined || stretches.length > 1 || md5 === undefined) return found;
  const path = join(bodies, basename(only.file));
  const hash = createHash("md5");
  await pipeline(createReadStream(path), hash);
  if (hash.digest("hex") !== md5) found.push([path, "the file is not what its ETag says"]);
  return found;
}
