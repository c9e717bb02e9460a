import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readOperatorToken } from "./operator-token.ts";
import { StartError } from "./start-error.ts";

const directory = mkdtempSync(join(tmpdir(), "opentrail-token-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("a file that is missing is made, for its owner alone, and holds from then on", () => {
  const path = join(directory, "made");
  const token = readOperatorToken(path);
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, "utf8")).toBe(`${token}\n`);
  expect(readOperatorToken(path)).toBe(token);
});

test.each([
  ["empty", ""],
  ["short", "a".repeat(31)],
  ["two lines", `${"a".repeat(32)}\n${"b".repeat(32)}\n`],
  ["what no header carries", `${"a".repeat(32)}\u00e9`],
])("%s: no token", (name, text) => {
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  expect(() => readOperatorToken(path)).toThrow(StartError);
});

test("one that others may read is none", () => {
  const path = join(directory, "open");
  writeFileSync(path, "a".repeat(32));
  chmodSync(path, 0o644);
  expect(() => readOperatorToken(path)).toThrow(/chmod 600/);
});
