import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TrailExists, type TrailKey, type TrailStore } from "./trail-store.ts";
import type { Trail } from "./trail.ts";

/** What every driver must do. `open` opens one and the same store each time, `clean` removes it. */
export function describeTrailStore(open: () => Promise<TrailStore>, clean: () => Promise<void>): void {
  let store: TrailStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(async () => {
    await store.close();
    await clean();
  });

  describe("trail store", () => {
    test("gives back what was added, after a restart too", async () => {
      const full: Trail = {
        ...trail("full"),
        s3KeyPrefix: "prefix/ü",
        snsTopicName: "topic",
        snsTopicArn: "arn:aws:sns:us-east-1:111122223333:topic",
        kmsKeyId: "arn:aws:kms:us-east-1:111122223333:key/1",
        tags: [
          { key: "a", value: null },
          { key: "b", value: "" },
        ],
      };
      await store.add(full, () => undefined);
      await store.add(trail("bare"), () => undefined);
      await store.close();
      store = await open();
      expect(await store.get(full)).toEqual(full);
      expect(await store.get(trail("bare"))).toEqual(trail("bare"));
      expect(await store.get(trail("other"))).toBeUndefined();
    });

    test("keeps to what `permit` says, which sees the account's trails", async () => {
      await store.add(trail("one"), () => undefined);
      await store.add({ ...trail("one"), accountId: "444455556666" }, () => undefined);
      let seen: readonly Trail[] = [];
      const refuse = (existing: readonly Trail[]): void => {
        seen = existing;
        throw new RangeError("no");
      };
      await expect(store.add(trail("two"), refuse)).rejects.toThrow(RangeError);
      expect(seen).toEqual([trail("one")]);
      expect(await store.list("111122223333")).toEqual([trail("one")]);
      await store.add(trail("two"), () => undefined);
      expect(await store.list("111122223333")).toHaveLength(2);
    });

    test("many additions at a time: `permit` never sees an old list", async () => {
      const permit = (existing: readonly Trail[]): void => {
        if (existing.length >= 3) throw new RangeError("full");
      };
      const results = await Promise.allSettled(Array.from({ length: 8 }, (_, at) => store.add(trail(`trail-${at}`), permit)));
      expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(3);
      expect(await store.list("111122223333")).toHaveLength(3);
    });

    test("is a map by account, Region and name", async () => {
      const keys = fc.record({
        accountId: fc.constantFrom("111122223333", "444455556666"),
        homeRegion: fc.constantFrom("us-east-1", "eu-west-1"),
        name: fc.constantFrom("aaa", "bbb", "ccc"),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), keys), { maxLength: 30 }), async (steps) => {
          const model = new Map<string, Trail>();
          const nameOf = (key: TrailKey): string => `${key.accountId} ${key.homeRegion} ${key.name}`;
          for (const [adds, key] of steps) {
            const known = model.has(nameOf(key));
            if (adds && known) await expect(store.add(trail(key.name, key), () => undefined)).rejects.toThrow(TrailExists);
            else if (adds) {
              await store.add(trail(key.name, key), () => undefined);
              model.set(nameOf(key), trail(key.name, key));
            } else {
              expect(await store.remove(key)).toBe(known);
              model.delete(nameOf(key));
            }
          }
          for (const accountId of ["111122223333", "444455556666"]) {
            const expected = [...model.entries()]
              .filter(([, { accountId: owner }]) => owner === accountId)
              .toSorted(([a], [b]) => (a < b ? -1 : 1));
            expect(await store.list(accountId)).toEqual(expected.map(([, one]) => one));
          }
          for (const one of model.values()) await store.remove(one);
        }),
        { numRuns: 30 },
      );
    });
  });
}

function trail(name: string, key: Partial<TrailKey> = {}): Trail {
  return {
    accountId: "111122223333",
    name,
    homeRegion: "us-east-1",
    arn: `arn:aws:cloudtrail:us-east-1:111122223333:trail/${name}`,
    s3BucketName: "logs",
    includeGlobalServiceEvents: true,
    isMultiRegionTrail: false,
    logFileValidationEnabled: false,
    isOrganizationTrail: false,
    recursiveLogging: true,
    tags: [],
    createdAt: 1_772_000_000_000,
    ...key,
  };
}
