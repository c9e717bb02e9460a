import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Trail } from "../../account/trails/trail.ts";
import { type Selectors, DEFAULT_SELECTORS } from "../../event/selector/selectors.ts";
import { ACCOUNT, DeliveryLab, MEMBER, type TestEvent, testTrail, TestTime } from "./delivery-lab.test-support.ts";
import { FakeS3, type PutFate } from "./s3-fake.test-support.ts";

let s3: FakeS3;

beforeEach(async () => {
  s3 = new FakeS3();
  await s3.listen();
});

afterEach(() => s3.close());

const WRITES: Selectors = {
  kind: "basic",
  selectors: [
    { readWriteType: "WriteOnly", includeManagementEvents: true, excludeManagementEventSources: [], dataResources: [] },
  ],
};

type Step =
  | { readonly does: "append"; readonly events: readonly EventChoice[] }
  | { readonly does: "start" | "stop" | "kill" | "close" | "wait" }
  | { readonly does: "select"; readonly writesOnly: boolean }
  | { readonly does: "bucket"; readonly bucket: string }
  | { readonly does: "prefix"; readonly prefix: string }
  | { readonly does: "clock"; readonly milliseconds: number }
  | { readonly does: "fates"; readonly fates: readonly PutFate[] };

interface EventChoice {
  readonly account: string;
  readonly region: string;
  readonly readOnly: boolean;
  readonly category: "Management" | "NetworkActivity";
  readonly pad: number;
}

const event: fc.Arbitrary<EventChoice> = fc.record({
  account: fc.constantFrom(ACCOUNT, ACCOUNT, MEMBER),
  region: fc.constantFrom("us-east-1", "us-east-1", "eu-west-1", "cn-north-1"),
  readOnly: fc.boolean(),
  category: fc.constantFrom("Management", "Management", "Management", "NetworkActivity"),
  pad: fc.constantFrom(0, 0, 0, 2_000, 20_000),
});
const fate = fc.constantFrom<PutFate>("ok", "ok", "slow-down", "denied", "no-bucket", "cut", "lost", "error-after");
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ does: fc.constant("append" as const), events: fc.array(event, { minLength: 1, maxLength: 40 }) }),
  },
  { weight: 6, arbitrary: fc.record({ does: fc.constantFrom("start", "stop", "kill", "kill", "close", "wait") }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("select" as const), writesOnly: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("bucket" as const), bucket: fc.constantFrom("one", "two") }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("prefix" as const), prefix: fc.constantFrom("p", "q") }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("clock" as const),
      milliseconds: fc.integer({ min: -90_000_000, max: 90_000_000 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant("fates" as const), fates: fc.array(fate, { minLength: 1, maxLength: 12 }) }),
  },
) as fc.Arbitrary<Step>;

/** What has to come of it, worked out as it happens and not from the journal. */
class Model {
  trail: Trail = testTrail({ s3BucketName: "one" });
  readonly selected: string[] = [];
  filtered = 0;
  #ids = 0;

  event(choice: EventChoice): TestEvent {
    const { pad, ...rest } = choice;
    const id = `e${this.#ids++}`;
    this.take(id, choice);
    return { ...rest, id, record: { pad: "x".repeat(pad) } };
  }

  take(id: string, { account, region, readOnly, category }: EventChoice): void {
    if (!this.trail.logging || account !== ACCOUNT) return;
    const isWanted = category === "Management" && region !== "cn-north-1" && !(readOnly && this.trail.selectors === WRITES);
    if (isWanted) this.selected.push(id);
    else this.filtered++;
  }
}

const CHANGE: EventChoice = { account: ACCOUNT, region: "us-east-1", readOnly: false, category: "Management", pad: 0 };

test("whatever happens, each selected event is in one file, keys ascend, and the counts add up", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
      s3.puts.length = 0;
      const time = new TestTime(Date.parse("2026-02-28T23:50:00Z"));
      const lab = await new DeliveryLab({ s3, time, settings: { flushMilliseconds: 2_000, flushOctets: 6_000 } }).open();
      const model = new Model();
      await lab.trails.add(model.trail, lab.place(), () => undefined);
      const account = (): ReturnType<typeof lab.delivery.account> => lab.delivery.account(model.trail.id);
      const addsUp = (): void => {
        const { recorded, delivered, filtered, pending, expired } = account();
        expect(recorded).toBe(delivered + filtered + pending + expired);
      };
      const change = async (changed: Partial<Trail>): Promise<void> => {
        const before = model.trail;
        const requestId = await lab.updateTrail(before, changed);
        const stops = before.logging && changed.logging === false;
        if (!stops) model.trail = { ...before, ...changed };
        const id = `change-${requestId}`;
        model.take(id, CHANGE);
        await lab.append([{ id, requestId }]);
        model.trail = { ...before, ...changed };
      };
      try {
        for (const one of steps) {
          if (one.does === "append") await lab.append(one.events.map((choice) => model.event(choice)));
          else if (one.does === "start" || one.does === "stop") await change({ logging: one.does === "start" });
          else if (one.does === "select") await change({ selectors: one.writesOnly ? WRITES : DEFAULT_SELECTORS });
          else if (one.does === "bucket") await change({ s3BucketName: one.bucket });
          else if (one.does === "prefix") await change({ s3KeyPrefix: one.prefix });
          else if (one.does === "clock") time.set(time.now() + one.milliseconds);
          else if (one.does === "fates") {
            const fates = [...one.fates];
            s3.fate = () => fates.shift() ?? "ok";
          } else if (one.does === "wait") {
            for (let turn = 0; turn < 10; turn++) {
              time.pass(700);
              await new Promise((resolve) => setTimeout(resolve, 2));
              addsUp();
            }
          } else {
            if (one.does === "kill") await lab.kill();
            else await lab.close();
            await lab.open();
          }
          addsUp();
        }
        s3.fate = () => "ok";
        await lab.pumping(lab.host.caughtUp(lab.journal.status().last));
        await lab.until(() => account().pending === 0, 20_000);
        expect(account()).toEqual({
          recorded: model.selected.length + model.filtered,
          delivered: model.selected.length,
          filtered: model.filtered,
          pending: 0,
          expired: 0,
        });
        const files = [...s3.records()];
        const found = files.flatMap(([, records]) => records.map(({ eventID }) => String(eventID)));
        expect(found.toSorted()).toEqual(model.selected.toSorted());
        for (const [name, records] of files) {
          const [, where, region] = /AWSLogs\/(\d+)\/CloudTrail\/([a-z0-9-]+)\//.exec(name) ?? [];
          for (const record of records) expect([record["recipientAccountId"], record["awsRegion"]]).toEqual([where, region]);
        }
        expect(s3.changed()).toEqual([]);
        const rows = lab.database.prepare("SELECT bucket || '/' || key AS name FROM delivered_files").all();
        expect(rows.map(({ name }) => String(name)).toSorted()).toEqual(files.map(([name]) => name).toSorted());
        for (const names of Map.groupBy(s3.objects.keys(), (name) => name.split("/").slice(0, -4).join("/")).values()) {
          expect(names.map((name) => name.split("/").slice(-4).join("/"))).toEqual(
            names.map((name) => name.split("/").slice(-4).join("/")).toSorted(),
          );
        }
        expect(lab.host.lags().map(({ problem }) => problem)).toEqual([undefined]);
      } finally {
        await lab.close();
        lab.remove();
      }
    }),
    { numRuns: Number(process.env["DELIVERY_RUNS"] ?? 30), endOnFailure: true },
  );
}, 300_000);
