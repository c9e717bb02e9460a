import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeDirectory } from "./sync-directory.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sync-directory-"));
});
afterEach(() => rmSync(root, { recursive: true }));

test.each(["absolute", "relative"])("makes what lacks, for its owner alone, and leaves what is there: %s", (form) => {
  const path = join(root, "a", "b", "c");
  const given = form === "absolute" ? path : relative(process.cwd(), path);
  makeDirectory(given);
  for (const made of [join(root, "a"), path]) expect(statSync(made).mode & 0o777).toBe(0o700);
  writeFileSync(join(path, "file"), "kept");
  makeDirectory(given);
  expect(statSync(join(path, "file")).size).toBe(4);
});

test("a file in its place is an error that names it", () => {
  writeFileSync(join(root, "a"), "");
  expect(() => makeDirectory(join(root, "a", "b"))).toThrow(join(root, "a"));
});
