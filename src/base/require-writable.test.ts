import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { requireWritable } from "./require-writable.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "require-writable-"));
  path = join(directory, "some.sqlite");
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1); PRAGMA user_version = 7");
  requireWritable(database, path);
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 7 });
  database.close();
});
afterEach(() => rmSync(directory, { recursive: true }));

test("a file that can only be read is refused by name, and what is in it stays", () => {
  const url = pathToFileURL(path);
  url.searchParams.set("mode", "ro");
  const database = new DatabaseSync(url);
  expect(database.prepare("SELECT a FROM t").get()).toEqual({ a: 1 });
  expect(() => requireWritable(database, path)).toThrow(`${path} cannot be written: attempt to write a readonly database`);
  expect(database.isTransaction).toBe(false);
  database.close();
});

test("one that can be written is left as it is", () => {
  const database = new DatabaseSync(path);
  requireWritable(database, path);
  expect(database.isTransaction).toBe(false);
  database.exec("INSERT INTO t VALUES (2)");
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 7 });
  database.close();
});
