import { afterEach, beforeEach, expect, test } from "vitest";
import { ACCOUNT, DeliveryLab, type TestEvent, TestTime } from "./delivery-lab.test-support.ts";
import { FakeS3 } from "./s3-fake.test-support.ts";

let s3: FakeS3;
const labs: DeliveryLab[] = [];

beforeEach(async () => {
  s3 = new FakeS3();
  await s3.listen();
});

afterEach(async () => {
  for (const lab of labs.splice(0)) {
    await lab.close();
    lab.remove();
  }
  await s3.close();
});

const START = Date.parse("2026-03-02T09:01:00Z");

const dataEvent = (id: string, name: string, user: string, bucket: string, seconds: number): TestEvent => ({
  id,
  name,
  category: "Data",
  source: "s3.amazonaws.com",
  readOnly: name === "GetObject",
  time: START + seconds * 1000,
  record: {
    userIdentity: { type: "IAMUser", arn: `arn:aws:iam::${ACCOUNT}:user/${user}` },
    resources: [{ type: "AWS::S3::Object", ARN: `arn:aws:s3:::${bucket}/key` }],
  },
});

const open = async (): Promise<{ lab: DeliveryLab; time: TestTime }> => {
  const time = new TestTime(START);
  const lab = await new DeliveryLab({ s3, time, settings: { flushMilliseconds: 10_000, flushOctets: 1_000_000 } }).open();
  labs.push(lab);
  await lab.addTrail({
    aggregationTemplates: ["API_ACTIVITY", "RESOURCE_ACCESS"],
    selectors: {
      kind: "advanced",
      selectors: [
        {
          fieldSelectors: [
            { field: "eventCategory", equals: ["Data"] },
            { field: "resources.type", equals: ["AWS::S3::Object"] },
          ],
        },
      ],
    },
  });
  return { lab, time };
};
const aggregates = (): readonly (readonly [string, readonly Record<string, unknown>[]])[] =>
  [...s3.records()].filter(([name]) => name.includes("/CloudTrail-Aggregated/"));
const events = [
  dataEvent("a", "GetObject", "alice", "one", 0),
  dataEvent("b", "GetObject", "bob", "one", 10),
  dataEvent("c", "PutObject", "alice", "two", 20),
  dataEvent("d", "GetObject", "alice", "one", 260),
];

test("data events are counted in five minutes of their own, besides being delivered one by one", async () => {
  const { lab, time } = await open();
  await lab.append([...events, { id: "management" }]);
  await lab.pumping(lab.host.caughtUp(5));
  await lab.until(() => aggregates().length === 1, 1_000);
  expect(time.now()).toBeGreaterThanOrEqual(START + 270_000);
  const [[name, records]] = aggregates() as [[string, Record<string, unknown>[]]];
  expect(name).toMatch(
    new RegExp(`^logs/AWSLogs/${ACCOUNT}/CloudTrail-Aggregated/us-east-1/2026/03/02/${ACCOUNT}_CloudTrail-Aggregated_us-east-1_`),
  );
  // API_ACTIVITY: GetObject in two windows, PutObject; RESOURCE_ACCESS: one in two windows, two.
  expect(records).toHaveLength(6);
  expect(records[0]).toEqual({
    eventVersion: "1.0",
    accountId: ACCOUNT,
    eventId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    eventCategory: "Aggregated",
    eventType: "AwsAggregatedEvent",
    awsRegion: "us-east-1",
    eventSource: "s3.amazonaws.com",
    timeWindow: { windowStart: "2026-03-02T09:00:00Z", windowEnd: "2026-03-02T09:05:00Z", windowSize: "PT5M" },
    summary: {
      primaryDimension: { dimension: "eventName", statistics: [{ name: "GetObject", value: 2 }], aggregationType: "Count" },
      details: [
        {
          dimension: "userIdentity",
          statistics: [
            { name: `arn:aws:iam::${ACCOUNT}:user/alice`, value: 1 },
            { name: `arn:aws:iam::${ACCOUNT}:user/bob`, value: 1 },
          ],
          aggregationType: "Count",
        },
        { dimension: "resourceARN", statistics: [{ name: "arn:aws:s3:::one/key", value: 2 }], aggregationType: "Count" },
      ],
    },
  });
  expect(new Set(records.map(({ eventId }) => eventId)).size).toBe(6);
  await lab.until(() => lab.delivery.account("id-of-trail").delivered === 4);
  expect(lab.delivery.account("id-of-trail")).toEqual({ recorded: 5, delivered: 4, filtered: 1, pending: 0, expired: 0 });
});

test("a process that is killed in between counts all of them once", async () => {
  const { lab } = await open();
  await lab.append(events.slice(0, 2));
  await lab.pumping(lab.host.caughtUp(2));
  await lab.until(() => lab.delivery.account("id-of-trail").delivered === 2);
  await lab.kill();
  await lab.open();
  await lab.append(events.slice(2));
  await lab.until(() => aggregates().length > 0, 1_000);
  await lab.until(() => lab.delivery.account("id-of-trail").pending === 0, 1_000);
  const counts = aggregates().flatMap(([, records]) =>
    records.map(
      ({ summary }) =>
        (summary as { primaryDimension: { statistics: [{ name: string; value: number }] } }).primaryDimension.statistics[0],
    ),
  );
  expect(counts.reduce((sum, { value }) => sum + value, 0)).toBe(8);
  expect(s3.changed()).toEqual([]);
});

test("what waits goes out when the trail stops", async () => {
  const { lab, time } = await open();
  await lab.append(events);
  const requestId = await lab.updateTrail((await lab.trails.all())[0]!, { logging: false });
  await lab.append([{ id: "stop", requestId }]);
  await lab.until(() => aggregates().length === 1, 10);
  expect(time.now()).toBeLessThan(START + 250_000);
  await lab.until(() => lab.delivery.isAtRest("id-of-trail"), 10);
});
