import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDeliveryDatabase } from "./delivery-database.ts";

test("its files are their owner's alone", () => {
  const directory = mkdtempSync(join(tmpdir(), "opentrail-delivery-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  using _ = openDeliveryDatabase(join(directory, "delivery.sqlite"));
  const names = readdirSync(directory);
  expect(names).toContain("delivery.sqlite-wal");
  expect(names.filter((name) => (statSync(join(directory, name)).mode & 0o077) !== 0)).toEqual([]);
});
