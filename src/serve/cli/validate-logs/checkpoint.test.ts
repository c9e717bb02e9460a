import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Ran, runValidation } from "./run-validation.test-support.ts";
import { TrailBucket } from "./trail-bucket.test-support.ts";

const HOUR = 3_600_000;
const directory = mkdtempSync(join(tmpdir(), "opentrail-checkpoint-"));
afterAll(() => rmSync(directory, { recursive: true }));

let bucket: TrailBucket;
beforeEach(async () => {
  bucket = new TrailBucket();
  await bucket.listen();
});
afterEach(async () => {
  await bucket.close();
  process.exitCode = 0;
});

const validate = async (...flags: readonly string[]): Promise<Ran> => await runValidation(bucket, flags);
const object = (name: string) => bucket.objects.get(name)!;

describe("a checkpoint", () => {
  const file = join(directory, "checkpoint.json");
  afterEach(() => rmSync(file, { force: true }));
  const check = async (place = file): Promise<Ran> => await validate("--ignore-unnamed", "--checkpoint", place);

  test.each(["file", "bucket"])(
    "kept in a %s shows that the newest digests were removed, though all that is left is valid",
    async (where) => {
      const place = where === "file" ? file : "s3://witness/checkpoints/audit";
      await bucket.hour(1);
      await bucket.set({ logging: false, stoppedAt: bucket.now });
      await bucket.hour(0);
      expect(await check(place)).toMatchObject({ status: 0 });
      expect(await check(place)).toMatchObject({ status: 0 });
      const newest = bucket.digests().at(-1)!;
      const kept = object(newest);
      bucket.objects.delete(newest);
      expect(await validate("--ignore-unnamed")).toMatchObject({ status: 0 });
      const { status, problems } = await check(place);
      expect([status, problems]).toEqual([
        1,
        [expect.stringMatching(/^Digest file .* INVALID: was removed since the checkpoint$/)],
      ]);
      // What was wrong once is not taken over.
      expect(await check(place)).toMatchObject({ status: 1 });
      bucket.objects.set(newest, kept);
      expect(await check(place)).toMatchObject({ status: 0 });
    },
  );

  test("goes with the chain, and keeps the ends of those that are closed", async () => {
    await bucket.hour(1);
    await check();
    await bucket.hour(1);
    await check();
    expect(JSON.parse(readFileSync(file, "utf8")).heads).toHaveLength(1);
    await bucket.set({ logging: false, stoppedAt: bucket.now });
    const last = bucket.digests().at(-1)!;
    bucket.now += 10 * HOUR;
    await bucket.set({ logging: true, startedAt: bucket.now });
    await bucket.hour(1);
    expect(await check()).toMatchObject({ status: 0 });
    expect(JSON.parse(readFileSync(file, "utf8")).heads).toHaveLength(2);
    bucket.objects.delete(last);
    expect((await check()).problems.at(-1)).toMatch(/was removed since the checkpoint$/);
  });

  test("of another trail, or of nothing, is refused", async () => {
    await bucket.hour(1);
    writeFileSync(file, "{}");
    await expect(check()).rejects.toThrow("is not a checkpoint of validate-logs");
    rmSync(file);
    await check();
    writeFileSync(file, readFileSync(file, "utf8").replace('"us-east-1"', '"eu-west-1"'));
    await expect(check()).rejects.toThrow("The checkpoint is of another region: eu-west-1");
    expect(existsSync(`${file}.new`)).toBe(false);
  });
});
