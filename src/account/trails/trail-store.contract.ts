import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ChangePlace, REQUEST_SEARCH_POSITIONS, TrailExists, type TrailKey, type TrailStore } from "./trail-store.ts";
import type { Trail } from "./trail.ts";

const permitted = (): void => {};
const at = (after: number, requestId = `request-${after}`): ChangePlace => ({ after, requestId });

/** What every driver must do. `open` opens one and the same store each time, `clean` removes it. */
export function describeTrailStore(open: () => Promise<TrailStore>, clean: () => Promise<void>): void {
  describe("trail store", () => {
    let store: TrailStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.close();
      await clean();
    });
    const reopen = async (): Promise<void> => {
      await store.close();
      store = await open();
    };

    test("gives back what was added, after a restart too", async () => {
      const full: Trail = {
        ...trail("full"),
        s3KeyPrefix: "prefix/ü",
        snsTopicName: "topic",
        snsTopicArn: "arn:aws:sns:us-east-1:111122223333:topic",
        kmsKeyId: "arn:aws:kms:us-east-1:111122223333:key/1",
        selectors: {
          kind: "advanced",
          selectors: [{ name: "x", fieldSelectors: [{ field: "eventCategory", equals: ["Data"] }] }],
        },
        aggregationTemplates: ["API_ACTIVITY"],
        startedAt: 1,
        tags: [
          { key: "a", value: null },
          { key: "b", value: "" },
        ],
      };
      await store.add(full, at(1), permitted);
      await store.add(trail("bare"), at(1), permitted);
      for (let start = 0; start < 2; start++) {
        expect(await store.get(full)).toEqual(full);
        expect(await store.get(trail("bare"))).toEqual(trail("bare"));
        expect(await store.get(trail("other"))).toBeUndefined();
        expect((await store.all()).map(({ name }) => name).toSorted()).toEqual(["bare", "full"]);
        await reopen();
      }
    });

    test("keeps to what `permit` says, which sees the account's trails", async () => {
      await store.add(trail("one"), at(1), permitted);
      await store.add({ ...trail("one"), accountId: "444455556666" }, at(1), permitted);
      let seen: readonly Trail[] = [];
      const refuse = (existing: readonly Trail[]): void => {
        seen = existing;
        throw new RangeError("no");
      };
      await expect(store.add(trail("two"), at(2), refuse)).rejects.toThrow(RangeError);
      expect(seen).toEqual([trail("one")]);
      expect(await store.list("111122223333")).toEqual([trail("one")]);
      expect(store.revisions()).toHaveLength(2);
      await store.add(trail("two"), at(3), permitted);
      expect(await store.list("111122223333")).toHaveLength(2);
    });

    test("many additions at a time: `permit` never sees an old list", async () => {
      const permit = (existing: readonly Trail[]): void => {
        if (existing.length >= 3) throw new RangeError("full");
      };
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, (_, number) => store.add(trail(`trail-${number}`), at(number), permit)),
      );
      expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(3);
      expect(await store.list("111122223333")).toHaveLength(3);
    });

    test("changes one trail, knowing the others; none without reason", async () => {
      await store.add(trail("one"), at(1), permitted);
      await store.add(trail("two"), at(1), permitted);
      let seen: readonly unknown[] = [];
      const changed = await store.update(trail("one"), at(5), (now, others) => {
        seen = [now, others];
        return { ...now, logging: true, startedAt: 7 };
      });
      expect(seen).toEqual([trail("one"), [trail("two")]]);
      expect(changed).toEqual({ ...trail("one"), logging: true, startedAt: 7 });
      await reopen();
      expect(await store.get(trail("one"))).toEqual(changed);

      const before = store.revisions();
      expect(await store.update(trail("one"), at(6), (now) => ({ ...now }))).toEqual(changed);
      expect(await store.update(trail("none"), at(6), (now) => now)).toBeUndefined();
      const refusal = store.update(trail("one"), at(6), () => {
        throw new RangeError("no");
      });
      await expect(refusal).rejects.toThrow(RangeError);
      for (const other of [{ id: "x" }, { arn: "x" }, { name: "two" }])
        await expect(store.update(trail("one"), at(6), (now) => ({ ...now, ...other }))).rejects.toThrow("must leave");
      expect(store.revisions()).toEqual(before);
      expect(await store.get(trail("one"))).toEqual(changed);
    });

    test("a member can be taken away", async () => {
      await store.add({ ...trail("one"), kmsKeyId: "k" }, at(1), permitted);
      await store.update(trail("one"), at(2), () => trail("one"));
      await reopen();
      expect(await store.get(trail("one"))).toEqual(trail("one"));
    });

    test("every change is a revision with its place, kept across restarts and removal", async () => {
      await store.add(trail("one"), at(3), permitted);
      await store.update(trail("one"), at(9), (now) => ({ ...now, logging: true }));
      // The journal's end is never told lower, but the order must not depend on it.
      await store.update(trail("one"), at(8), (now) => ({ ...now, logging: false }));
      expect(await store.remove(trail("one"), at(12))).toBe(true);
      expect(await store.remove(trail("one"), at(13))).toBe(false);
      const again = { ...trail("one"), id: "id-again" };
      await store.add(again, at(14), permitted);
      const logging = { ...trail("one"), logging: true };
      for (let start = 0; start < 2; start++) {
        expect(store.revisions()).toEqual([
          { trail: trail("one"), after: 3, requestId: "request-3", removed: false },
          { trail: logging, after: 9, requestId: "request-9", removed: false },
          { trail: trail("one"), after: 9, requestId: "request-8", removed: false },
          { trail: trail("one"), after: 12, requestId: "request-12", removed: true },
          { trail: again, after: 14, requestId: "request-14", removed: false },
        ]);
        await reopen();
      }
    });

    test("forgets what nobody can need any more, and nothing else", async () => {
      await store.add(trail("one"), at(10), permitted);
      await store.update(trail("one"), at(20), (now) => ({ ...now, logging: true }));
      await store.update(trail("one"), at(30), (now) => ({ ...now, logging: false }));
      await store.add(trail("two"), at(30), permitted);
      const afters = (name: string): number[] =>
        store
          .revisions()
          .filter((revision) => revision.trail.name === name)
          .map(({ after }) => after);
      await store.forget("id-one", 20 + REQUEST_SEARCH_POSITIONS - 1);
      expect(afters("one")).toEqual([10, 20, 30]);
      await store.forget("id-one", 20 + REQUEST_SEARCH_POSITIONS);
      expect(afters("one")).toEqual([20, 30]);
      await store.forget("id-one", Number.MAX_SAFE_INTEGER);
      expect(afters("one")).toEqual([30]);
      expect(afters("two")).toEqual([30]);
      await store.remove(trail("one"), at(40));
      await store.forget("id-one", 39);
      expect(afters("one")).toEqual([30, 40]);
      await store.forget("id-one", 40);
      await reopen();
      expect(afters("one")).toEqual([]);
      expect(afters("two")).toEqual([30]);
    });

    test("tells of each change when it is there, until that is no longer wanted", async () => {
      const seen: number[] = [];
      const stop = store.onChange(() => seen.push(store.revisions().length));
      const stopOther = store.onChange(() => seen.push(-1));
      stopOther();
      await store.add(trail("one"), at(1), permitted);
      await store.update(trail("one"), at(2), (now) => now);
      await store.update(trail("one"), at(2), (now) => ({ ...now, logging: true }));
      await store.remove(trail("one"), at(3));
      stop();
      await store.add(trail("two"), at(4), permitted);
      expect(seen).toEqual([1, 2, 3]);
    });

    test("is a map by account, Region and name", async () => {
      const keys = fc.record({
        accountId: fc.constantFrom("111122223333", "444455556666"),
        homeRegion: fc.constantFrom("us-east-1", "eu-west-1"),
        name: fc.constantFrom("aaa", "bbb", "ccc"),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom("add", "set", "remove"), keys), { maxLength: 30 }), async (steps) => {
          const model = new Map<string, Trail>();
          const nameOf = (key: TrailKey): string => `${key.accountId} ${key.homeRegion} ${key.name}`;
          for (const [step, [kind, key]] of steps.entries()) {
            const known = model.get(nameOf(key));
            const made = trail(key.name, key);
            if (kind === "add" && known !== undefined)
              await expect(store.add(made, at(step), permitted)).rejects.toThrow(TrailExists);
            else if (kind === "add") {
              await store.add(made, at(step), permitted);
              model.set(nameOf(key), made);
            } else if (kind === "set") {
              const set = known && { ...known, startedAt: step };
              expect(await store.update(key, at(step), (now) => ({ ...now, startedAt: step }))).toEqual(set);
              if (set !== undefined) model.set(nameOf(key), set);
            } else {
              expect(await store.remove(key, at(step))).toBe(known !== undefined);
              model.delete(nameOf(key));
            }
          }
          await reopen();
          for (const accountId of ["111122223333", "444455556666"]) {
            const expected = [...model.entries()]
              .filter(([, { accountId: owner }]) => owner === accountId)
              .toSorted(([a], [b]) => (a < b ? -1 : 1));
            expect(await store.list(accountId)).toEqual(expected.map(([, one]) => one));
          }
          for (const one of model.values()) await store.remove(one, at(99));
        }),
        { numRuns: 30 },
      );
    });
  });
}

function trail(name: string, key: Partial<TrailKey> = {}): Trail {
  return {
    id: `id-${name}`,
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
    logging: false,
    tags: [],
    createdAt: 1_772_000_000_000,
    ...key,
  };
}
