import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeEach, expect, test } from "vitest";
import { openDelegationStore } from "./open-delegation-store.ts";
import { verifyDelegations } from "./verify-delegations.ts";

const root = mkdtempSync(join(tmpdir(), "opentrail-delegations-"));
afterAll(() => rmSync(root, { recursive: true }));
let file: string;
let count = 0;
beforeEach(() => {
  file = join(root, `${count++}`, "organization.sqlite");
});

test("keeps the newest change of each account, for each organization", async () => {
  const store = openDelegationStore(file);
  expect(store.changes("o-one")).toEqual(new Map());
  await store.set("o-one", "222233334444", { registered: true, at: 1 });
  await store.set("o-one", "222233334444", { registered: false, at: 2 });
  await store.set("o-two", "222233334444", { registered: true, at: 3 });
  const all = [
    new Map([["222233334444", { registered: false, at: 2 }]]),
    new Map([["222233334444", { registered: true, at: 3 }]]),
  ];
  expect([store.changes("o-one"), store.changes("o-two")]).toEqual(all);
  await store.close();
  const again = openDelegationStore(file);
  expect([again.changes("o-one"), again.changes("o-two")]).toEqual(all);
  await again.close();
  expect(verifyDelegations(file)).toEqual([]);
});

test("a later program's file is left alone", async () => {
  await openDelegationStore(file).close();
  using database = new DatabaseSync(file);
  database.exec("PRAGMA user_version = 2");
  expect(() => openDelegationStore(file)).toThrow("format 2");
});
