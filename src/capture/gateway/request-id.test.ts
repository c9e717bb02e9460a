import { expect, test } from "vitest";
import { isS3Family, makeRequestId, missingIdLines } from "./request-id.ts";

test("answers of S3 and of S3 Control carry both of S3's ids", () => {
  for (const serviceId of ["s3", "s3-control"]) {
    const isS3 = isS3Family(serviceId);
    const id = makeRequestId(isS3);
    expect(id).toMatch(/^[A-Z0-9]{16}$/);
    const [name, value, second, long] = missingIdLines(isS3, new Map(), id);
    expect([name, value, second]).toEqual(["x-amz-request-id", id, "x-amz-id-2"]);
    expect(long).toMatch(/^[A-Za-z0-9+/]{70,}=*$/);
  }
  expect(isS3Family("s3vectors")).toBe(false);
  expect(missingIdLines(false, new Map(), "i")).toEqual(["x-amzn-RequestId", "i"]);
});

test("ids that the service gave stay", () => {
  expect(missingIdLines(true, new Map([["x-amz-id-2", "theirs"]]), undefined)).toEqual([]);
});

test("no two ids are alike, and every character occurs about as often", () => {
  const ids = Array.from({ length: 9000 }, () => makeRequestId(true));
  expect(new Set(ids).size).toBe(ids.length);
  const counts = new Map<string, number>();
  for (const character of ids.join("")) counts.set(character, (counts.get(character) ?? 0) + 1);
  expect(counts.size).toBe(36);
  // 4,000 each, give or take seven standard deviations; by the bare remainder, four of them would come 4,500 times.
  for (const count of counts.values()) expect(Math.abs(count - 4000)).toBeLessThan(440);
});
