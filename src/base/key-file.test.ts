import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KeyFileError, readKeyFile } from "./key-file.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "key-file-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("a file is made for its owner alone, and stays what it is", () => {
  const path = join(directory, "deeper", "a.key");
  const key = readKeyFile(path);
  expect(key).toHaveLength(32);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(Buffer.compare(readKeyFile(path), key)).toBe(0);
  expect(readdirSync(join(directory, "deeper"))).toEqual(["a.key"]);
  expect(Buffer.compare(readKeyFile(join(directory, "b.key")), key)).not.toBe(0);
});

test("a file that others may read is refused by name", () => {
  const path = join(directory, "a.key");
  readKeyFile(path);
  chmodSync(path, 0o640);
  expect(() => readKeyFile(path)).toThrow(KeyFileError);
  expect(() => readKeyFile(path)).toThrow(`${path} can be read by others (mode 640)`);
});

test.each(["", "opentrail-key-1\n", "opentrail-key-1\nAAAA\n", "other\n"])(
  "a file that holds %j is refused by name, unquoted",
  (content) => {
    const path = join(directory, "a.key");
    writeFileSync(path, content, { mode: 0o600 });
    expect(() => readKeyFile(path)).toThrow(`${path} is not a key file`);
    expect(readFileSync(path, "utf8")).toBe(content);
  },
);
