import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test } from "vitest";
import { describeTrailStore } from "../../trail-store.contract.ts";
import { openTrailStore } from "./open-trail-store.ts";
import { verifyTrails } from "./verify-trails.ts";

const root = mkdtempSync(join(tmpdir(), "opentrail-trails-"));
const file = join(root, "account", "trails.db");
const clean = (): void => rmSync(root, { recursive: true, force: true });

describeTrailStore(
  async () => openTrailStore(file),
  async () => clean(),
);

/** As version 0.1.0 wrote it. */
const settings = (name: string): object => ({
  accountId: "111122223333",
  name,
  homeRegion: "us-east-1",
  arn: `arn:aws:cloudtrail:us-east-1:111122223333:trail/${name}`,
  s3BucketName: "logs",
  includeGlobalServiceEvents: true,
  isMultiRegionTrail: true,
  logFileValidationEnabled: false,
  isOrganizationTrail: false,
  recursiveLogging: true,
  tags: [{ key: "team", value: null }],
  createdAt: 1_772_000_000_000,
});

function format1(names: readonly string[]): void {
  mkdirSync(dirname(file), { recursive: true });
  using database = new DatabaseSync(file);
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE trails (
      account TEXT NOT NULL, home_region TEXT NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL,
      PRIMARY KEY (account, home_region, name)
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 1;
  `);
  const add = database.prepare("INSERT INTO trails VALUES ('111122223333', 'us-east-1', ?, ?)");
  for (const name of names) add.run(name, JSON.stringify(settings(name)));
}

describe("the trails' file", () => {
  afterEach(clean);

  test("of format 1: its trails get ids that stay, and one revision each", async () => {
    format1(["one", "two"]);
    expect(verifyTrails(file)).toEqual({ trails: 2, newest: 0, findings: [] });
    const ids = new Set<string>();
    for (let start = 0; start < 2; start++) {
      const store = openTrailStore(file);
      const trails = await store.list("111122223333");
      expect(trails).toEqual(["one", "two"].map((name) => ({ ...settings(name), id: expect.any(String), logging: false })));
      expect(store.revisions()).toEqual(trails.map((trail) => ({ trail, after: 0, requestId: "", removed: false })));
      for (const { id } of trails) ids.add(id);
      await store.close();
    }
    expect(ids.size).toBe(2);
    expect(verifyTrails(file)).toEqual({ trails: 2, newest: 0, findings: [] });
  });

  test("of a later format is left alone", () => {
    mkdirSync(dirname(file), { recursive: true });
    using database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 3");
    expect(() => openTrailStore(file)).toThrow("format 3");
    expect(database.prepare("SELECT * FROM sqlite_schema").all()).toEqual([]);
  });

  test("verifyTrails names a revision that is not of its form", async () => {
    format1(["one"]);
    await openTrailStore(file).close();
    using database = new DatabaseSync(file);
    database.exec("UPDATE revisions SET settings = '{'");
    const found = (): readonly string[] => verifyTrails(file).findings.map(({ place, what }) => `${place}: ${what}`);
    expect(found()).toContain("revision 1: the settings are not JSON");
    database.exec(`UPDATE revisions SET settings = '{"id":"other"}'`);
    expect(found()).toContain("revision 1: the settings have another id than the row");
    database.exec(`UPDATE revisions SET settings = replace((SELECT settings FROM trails), 'us-east-1"', 'us-east-2"')`);
    expect(found()).toEqual([
      "trail 111122223333/one: the settings are not those of the trail's last revision",
      "revision 1: the ARN is another trail's",
    ]);
    database.exec("UPDATE revisions SET settings = (SELECT settings FROM trails), after = 7");
    expect(verifyTrails(file)).toEqual({ trails: 1, newest: 7, findings: [] });
    database.exec("UPDATE trails SET settings = replace(settings, 'logs', 'lost')");
    expect(found()).toEqual(["trail 111122223333/one: the settings are not those of the trail's last revision"]);
  });
});

test("its files are their owner's alone", async () => {
  const store = openTrailStore(file);
  const modes = readdirSync(dirname(file)).map((name) => statSync(join(dirname(file), name)).mode & 0o077);
  await store.close();
  clean();
  expect(modes.length).toBeGreaterThan(1);
  expect(modes.every((mode) => mode === 0)).toBe(true);
});
