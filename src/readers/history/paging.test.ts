import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventIndex } from "../../event/built-event.ts";
import type { StoredEntry } from "../../journal/journal.ts";
import { ATTRIBUTE_KEYS, type AttributeKey } from "./attribute.ts";
import { ACCOUNT, entryOf, expected, ids, indexOf, randomOf, REGION, TODAY, type Ask } from "./history.test-support.ts";
import type { History } from "./history.ts";
import { allPages, searchAll, TestStore } from "./test-store.test-support.ts";

const own = { account: ACCOUNT, region: REGION, category: "management" } as const;

describe("any events, any query", () => {
  const NAMES = ["GetObject", "GetBucketAcl", "PutObject", "CreateUser", "Decrypt"];
  const pick = <T>(random: (below: number) => number, values: readonly [T, ...T[]] | readonly T[]): T =>
    values[random(values.length)]!;

  /** Several days, mostly in order, with stragglers, equal times, other accounts, and positions that are no event. */
  function journal(seed: number, count: number): StoredEntry[] {
    const random = randomOf(seed);
    const entries: StoredEntry[] = [];
    // All in one second, in a few, or over days: segments of one time, of overlapping and of separate times.
    const span = pick(random, [0, 3, 60, 2.5 * 86_400]);
    for (let position = 1; position <= count; position++) {
      if (random(20) === 0) {
        entries.push({ position, kind: "intent", head: Buffer.from("{}"), body: Buffer.alloc(0) });
        continue;
      }
      const straggles = random(15) === 0 ? random(3 * 86_400) : random(1 + (Math.ceil(span / 20) % 50));
      const name = pick(random, NAMES);
      entries.push(
        entryOf(
          position,
          {
            time: TODAY - 3600 - Math.floor(((count - position) / count) * span) - straggles,
            account: random(6) === 0 ? "444455556666" : ACCOUNT,
            region: random(6) === 0 ? "eu-west-1" : REGION,
            category: pick(random, [
              "Management",
              "Management",
              "Management",
              "Management",
              "Insight",
              "Data",
              "NetworkActivity",
            ]),
            source: name === "Decrypt" ? "kms.amazonaws.com" : "s3.amazonaws.com",
            name,
            readOnly: name !== "CreateUser" && name !== "PutObject",
            ...(random(3) > 0 && { username: `user-${random(40)}` }),
            ...(random(3) > 0 && { accessKeyId: `AKIA${random(300)}` }),
            resources: Array.from({ length: random(4) }, () => ({
              ...(random(4) > 0 && { type: pick(random, ["AWS::S3::Bucket", "AWS::IAM::User"]) }),
              name: `thing-${random(500)}`,
            })),
          },
          random(10) === 0 ? "needle in it" : "",
        ),
      );
    }
    return entries;
  }

  async function feed(history: History, entries: readonly StoredEntry[], random: (below: number) => number): Promise<void> {
    for (let at = 0; at < entries.length;) {
      const size = 1 + random(700);
      await history.read(entries.slice(at, at + size));
      at += size;
    }
  }

  function value(random: (below: number) => number, key: AttributeKey, entries: readonly StoredEntry[]): string {
    switch (key) {
      case "EventId":
        return indexOf(1 + random(entries.length)).eventId;
      case "EventName":
        return pick(random, [...NAMES, "Nothing"]);
      case "ReadOnly":
        return pick(random, ["true", "false", "True"]);
      case "Username":
        return `user-${random(41)}`;
      case "AccessKeyId":
        return `AKIA${random(301)}`;
      case "ResourceType":
        return pick(random, ["AWS::S3::Bucket", "AWS::IAM::User", "AWS::S3::Object"]);
      case "ResourceName":
        return `thing-${random(501)}`;
      case "EventSource":
        return pick(random, ["s3.amazonaws.com", "kms.amazonaws.com"]);
    }
  }

  function times(random: (below: number) => number): { from?: number; to?: number } {
    const time = (): number => TODAY - random(6 * 86_400);
    return { ...(random(2) === 0 && { from: time() }), ...(random(2) === 0 && { to: time() }) };
  }

  test("lookup pages through what a plain filter finds, in its order", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 6000 }), fc.boolean(), async (seed, count, restart) => {
        await using store = new TestStore();
        const random = randomOf(seed);
        const entries = journal(seed, count);
        let history = await store.open();
        await feed(history, entries, random);
        if (restart) history = await store.reopen();
        expect(history.position()).toBe(count);
        for (let round = 0; round < 40; round++) {
          const account = pick(random, [ACCOUNT, ACCOUNT, "444455556666", "999999999999"]);
          const region = pick(random, [REGION, REGION, "eu-west-1"]);
          const category = pick(random, ["management", "management", "insight"] as const);
          const key = pick(random, [undefined, ...ATTRIBUTE_KEYS]);
          const attribute = key === undefined ? undefined : { key, value: value(random, key, entries) };
          const window = times(random);
          const stored = category === "insight" ? "Insight" : "Management";
          const ask: Ask = {
            includes: (index) => index.account === account && index.region === region && index.category === stored,
            attributes: attribute === undefined ? [] : [attribute],
            snapshot: count,
            ...window,
          };
          const query = { account, region, category, ...(attribute && { attribute }), ...window, limit: 1 + random(50) };
          expect(await allPages(history, query)).toEqual(expected(entries, ask));
        }
      }),
      { numRuns: 12 },
    );
  });

  test(
    "search does, with several conditions, prefixes, text, any accounts, whatever the work per page",
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 5000 }), fc.boolean(), async (seed, count, restart) => {
          await using store = new TestStore();
          const random = randomOf(seed);
          const entries = journal(seed, count);
          let history = await store.open({ dataEvents: true });
          await feed(history, entries, random);
          if (restart) history = await store.reopen({ dataEvents: true });
          for (let round = 0; round < 25; round++) {
            const accounts = pick(random, [undefined, [ACCOUNT], [ACCOUNT, "444455556666"], ["999999999999"], []]);
            const regions = pick(random, [undefined, ["eu-west-1"]]);
            const choices: readonly (EventIndex["category"][] | undefined)[] = [
              undefined,
              ["Data"],
              ["Management", "NetworkActivity"],
            ];
            const categories = pick(random, choices);
            const attributes = Array.from({ length: random(3) }, () => {
              const key = pick(random, ATTRIBUTE_KEYS);
              const whole = value(random, key, entries);
              return random(2) === 0
                ? { key, value: whole }
                : { key, value: whole.slice(0, random(whole.length + 1)), prefix: true };
            });
            const text = pick(random, [undefined, undefined, "needle"]);
            const selective = attributes.some(({ key, prefix }) => /User|Key|Id|ResourceName/.test(key) && prefix === undefined);
            const window = times(random);
            const found = await searchAll(history, {
              ...(accounts && { accounts }),
              ...(regions && { regions }),
              ...(categories && { categories }),
              attributes: attributes.map(({ key, value, prefix }) => ({ key, value: prefix === true ? `${value}*` : value })),
              ...(text !== undefined && { text }),
              ...window,
              limit: 1 + random(200),
              scanLimit: selective ? pick(random, [2, 40, 1000]) : 1000,
            });
            const ask: Ask = {
              includes: (index) =>
                (accounts === undefined || accounts.some((account) => account === index.account)) &&
                (regions?.includes(index.region) ?? true) &&
                (categories?.includes(index.category) ?? true),
              attributes,
              snapshot: count,
              ...(text !== undefined && { text }),
              ...window,
            };
            expect(found).toEqual(expected(entries, ask));
          }
        }),
        { numRuns: 10 },
      );
    },
  );

  test("pages belong to the snapshot of the first one, whatever arrives meanwhile", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        await using store = new TestStore();
        const random = randomOf(seed);
        const entries = journal(seed, 4000);
        let history = await store.open();
        let fed = 500 + random(1500);
        await history.read(entries.slice(0, fed));
        const snapshot = fed;
        const found: string[] = [];
        for (let token: string | undefined; ;) {
          const page = await history.lookup({ ...own, limit: 50, ...(token !== undefined && { token }) });
          found.push(...ids(page.events));
          token = page.nextToken;
          if (token === undefined) break;
          await history.read(entries.slice(fed, fed + 150));
          fed += 150;
          if (random(8) === 0) history = await store.reopen();
        }
        const includes: Ask["includes"] = (index) =>
          index.account === ACCOUNT && index.region === REGION && index.category === "Management";
        expect(found).toEqual(expected(entries, { includes, attributes: [], snapshot }));
      }),
      { numRuns: 8 },
    );
  });
});
