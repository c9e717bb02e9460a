import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ACCOUNT, DeliveryLab, type LabOptions, MEMBER, ownEvent, TestTime } from "./delivery-lab.test-support.ts";
import { FakeS3, recordsOf } from "./s3-fake.test-support.ts";

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

const open = async (options: Partial<LabOptions> = {}): Promise<DeliveryLab> => {
  const lab = await new DeliveryLab({ s3, ...options }).open();
  labs.push(lab);
  return lab;
};
const poll = <Value>(read: () => Value): ReturnType<typeof expect.poll<Value>> => expect.poll(read, { interval: 5 });
const ids = (): string[] => [...s3.records().values()].flat().map((record) => String(record["eventID"]));
const numbered = (from: number, to: number): { id: string }[] =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ id: `e${from + at}` }));

test("what a trail selects arrives as CloudTrail writes it", async () => {
  const lab = await open();
  const trail = await lab.addTrail({ s3KeyPrefix: "p/q" });
  await lab.append([{ id: "a" }, { id: "b", region: "eu-west-1" }, { id: "c", account: MEMBER }, { id: "d" }]);
  await poll(() => ids().toSorted()).toEqual(["a", "b", "d"]);
  const [put] = s3.puts.filter(({ key }) => key.includes("us-east-1"));
  expect(put!.bucket).toBe("logs");
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  expect(put!.key).toMatch(
    new RegExp(
      `^p/q/AWSLogs/${ACCOUNT}/CloudTrail/us-east-1/\\d{4}/\\d\\d/\\d\\d/${ACCOUNT}_CloudTrail_us-east-1_\\d{8}T\\d\\d[0-5][05]Z_[A-Za-z0-9]{16}\\.json\\.gz$`,
    ),
  );
  expect(put!.key).toContain(day);
  expect(put!.headers).toMatchObject({
    "content-type": "application/json",
    "content-encoding": "gzip",
    "x-amz-acl": "bucket-owner-full-control",
    "x-amz-server-side-encryption": "AES256",
  });
  const content = gunzipSync(put!.body).toString();
  expect(content.startsWith('{"Records":[{"eventVersion":"1.11"')).toBe(true);
  expect(recordsOf(put!.body).map(({ eventID }) => eventID)).toEqual(["a", "d"]);
  await poll(() => lab.delivery.account(trail.id)).toEqual({ recorded: 3, delivered: 3, filtered: 0, pending: 0, expired: 0 });
  const file = lab.database.prepare("SELECT * FROM delivered_files WHERE key = ?").get(put!.key);
  expect(file).toMatchObject({ hash: createHash("sha256").update(content).digest("hex"), bucket: "logs", newest: 1_790_000_000 });
  const { latestDelivery } = lab.delivery.status(trail.id, "us-east-1");
  expect(latestDelivery).toEqual({ time: expect.any(Number), attempt: latestDelivery!.time });
});

test("a KMS key, an organization, and the topic go with it", async () => {
  const lab = await open({ organization: { id: "o-exampleorgid", account: (id) => (id === MEMBER ? {} : undefined) } });
  const topic = `arn:aws:sns:us-east-1:${ACCOUNT}:topic`;
  const trail = await lab.addTrail({
    kmsKeyId: "arn:aws:kms:us-east-1:111122223333:key/1",
    isOrganizationTrail: true,
    snsTopicArn: topic,
  });
  await lab.append([
    { id: "m", account: MEMBER },
    { id: "x", account: "777788889999" },
  ]);
  await poll(() => s3.puts.length).toBe(1);
  const [{ key, headers }] = s3.puts as [FakeS3["puts"][number]];
  expect(key).toMatch(new RegExp(`^AWSLogs/o-exampleorgid/${MEMBER}/CloudTrail/us-east-1/.*/${MEMBER}_CloudTrail_us-east-1_`));
  expect(headers).toMatchObject({
    "x-amz-server-side-encryption": "aws:kms",
    "x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:us-east-1:111122223333:key/1",
  });
  const context = Buffer.from(String(headers["x-amz-server-side-encryption-context"]), "base64").toString();
  expect(JSON.parse(context)).toEqual({ "aws:cloudtrail:arn": trail.arn });
  await poll(() => lab.delivery.announcements.waiting(trail.id, 10)).toMatchObject([{ topic, bucket: "logs", key }]);
  expect(lab.delivery.account(trail.id)).toMatchObject({ recorded: 1, delivered: 1 });
});

test("logging ends with the event of StopLogging, and what was logged goes out at once", async () => {
  const lab = await open({ settings: { flushMilliseconds: 3_600_000 } });
  const trail = await lab.addTrail({ logging: false });
  await lab.append([{ id: "before" }]);
  await lab.updateTrail(trail, { logging: true });
  await lab.append([{ id: "start" }, { id: "while" }]);
  const requestId = await lab.updateTrail(trail, { logging: false });
  await lab.append([{ id: "beside" }, { id: "stop", requestId }, { id: "after" }]);
  await poll(ids).toEqual(["start", "while", "beside", "stop"]);
  await poll(() => lab.delivery.isAtRest(trail.id)).toBe(true);
  expect(lab.delivery.account(trail.id)).toMatchObject({ recorded: 4, delivered: 4, filtered: 0, pending: 0 });
});

test("a trail that is deleted gets its last events, and leaves nothing", async () => {
  const time = new TestTime(Date.parse("2026-03-02T09:00:00Z"));
  const lab = await open({ time });
  const trail = await lab.addTrail();
  await lab.append(numbered(1, 5));
  const place = lab.place();
  await lab.trails.remove(trail, place);
  await lab.append([{ id: "delete", requestId: place.requestId }, { id: "after" }]);
  await poll(() => {
    time.pass(1_000);
    return ids();
  }).toEqual([...numbered(1, 5).map(({ id }) => id), "delete"]);
  await poll(() => {
    time.pass(1_000);
    return lab.host.lags();
  }).toEqual([]);
  expect(lab.trails.revisions()).toEqual([]);
  for (const table of ["lanes", "plans", "trail_ends", "outcomes"]) {
    expect(lab.database.prepare(`SELECT count(*) AS count FROM ${table}`).get()).toEqual({ count: 0 });
  }
});

test("a refusal is shown and heals by itself; the keys are new by then", async () => {
  const time = new TestTime(Date.parse("2026-03-02T09:01:00Z"));
  const lab = await open({ time });
  const trail = await lab.addTrail();
  s3.fate = () => "denied";
  await lab.append([{ id: "a" }]);
  const pass = async (milliseconds: number, until: () => boolean): Promise<void> =>
    void (await poll(() => (time.pass(milliseconds), until())).toBe(true));
  await pass(100, () => lab.delivery.status(trail.id, "us-east-1").latestDelivery?.error === "AccessDenied");
  expect(lab.delivery.account(trail.id)).toMatchObject({ pending: 1, delivered: 0 });
  time.set(Date.parse("2026-03-02T23:59:00Z"));
  s3.fate = () => "ok";
  await pass(100, () => s3.puts.length === 1);
  expect(s3.puts[0]!.key).toContain("/2026/03/03/111122223333_CloudTrail_us-east-1_20260303T0000Z_");
  await poll(() => lab.delivery.status(trail.id, "us-east-1").latestDelivery?.error).toBeUndefined();
  expect(lab.delivery.account(trail.id)).toMatchObject({ pending: 0, delivered: 1 });
});

test("after a refusal events follow the trail to another bucket; after an unknown outcome they stay", async () => {
  const time = new TestTime(Date.parse("2026-03-02T09:01:00Z"));
  const lab = await open({ time });
  const [moves, stays] = [
    await lab.addTrail({ name: "moves", s3BucketName: "one" }),
    await lab.addTrail({ name: "stays", s3BucketName: "two" }),
  ];
  s3.fate = (bucket) => (bucket === "one" ? "no-bucket" : bucket === "two" ? "lost" : "ok");
  await lab.append([{ id: "a" }]);
  const failed = (): boolean =>
    [moves, stays].every(({ id }) => lab.delivery.status(id, "us-east-1").latestDelivery !== undefined);
  await poll(() => (time.pass(50), failed())).toBe(true);
  for (const trail of [moves, stays]) await lab.updateTrail(trail, { s3BucketName: "three" });
  await lab.append([{ id: "b" }]);
  await poll(() => (time.pass(50), s3.puts.filter(({ bucket }) => bucket === "three").length)).toBeGreaterThanOrEqual(3);
  const found = Map.groupBy(s3.records(), ([name]) => name.split("/")[0]);
  expect(
    found
      .get("three")!
      .flatMap(([, records]) => records.map(({ eventID }) => eventID))
      .toSorted(),
  ).toEqual(["a", "b", "b"]);
  expect(found.get("two")!.flatMap(([, records]) => records.map(({ eventID }) => eventID))).toEqual(["a"]);
  s3.fate = () => "ok";
  await poll(() => (time.pass(5_000), lab.delivery.account(stays.id).pending)).toBe(0);
  expect(s3.changed()).toEqual([]);
  expect(lab.delivery.account(stays.id)).toMatchObject({ recorded: 2, delivered: 2 });
  expect(lab.delivery.account(moves.id)).toMatchObject({ recorded: 2, delivered: 2 });
});

test("a bucket that logs itself comes to rest", async () => {
  const time = new TestTime(Date.parse("2026-03-02T09:01:00Z"));
  const lab = await open({ time, settings: { flushMilliseconds: 10_000 } });
  const loud = await lab.addTrail({ name: "loud", s3BucketName: "loud" });
  const quiet = await lab.addTrail({ name: "quiet", s3BucketName: "quiet", recursiveLogging: false });
  let seen = 0;
  const record = async (): Promise<void> => {
    for (; seen < s3.puts.length; seen++) {
      const { bucket, key } = s3.puts[seen]!;
      await lab.append([ownEvent(`own-${seen}`, bucket, key)]);
    }
  };
  await lab.append([{ id: "a" }]);
  const files = async (bucket: string): Promise<number> => {
    time.pass(1_000);
    await record();
    return s3.puts.filter((put) => put.bucket === bucket).length;
  };
  await poll(() => files("loud")).toBe(1);
  await poll(() => files("quiet")).toBe(1);
  // Half an hour of nothing else than what delivery does.
  for (let second = 0; second < 1_800; second++) {
    await files("loud");
    await lab.host.caughtUp(lab.journal.status().last);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await files("loud")).toBeGreaterThanOrEqual(4);
  expect(await files("loud")).toBeLessThanOrEqual(8);
  // Its own are left out, those of the other one are not.
  const own = [...s3.records()].filter(([name]) => name.startsWith("quiet/")).flatMap(([, records]) => records);
  for (const { requestParameters } of own) expect(requestParameters).not.toMatchObject({ bucketName: "quiet" });
  expect(lab.delivery.account(quiet.id).filtered).toBeGreaterThan(0);
  expect(lab.delivery.account(loud.id).filtered).toBe(0);
});

test("what is refused for thirty days is given up, and nothing that is younger", async () => {
  const time = new TestTime(Date.parse("2026-03-02T09:00:00Z"));
  const hour = 3_600_000;
  const lab = await open({ time, settings: { flushMilliseconds: 1_000, retryDelays: { first: 1_000, most: 24 * hour } } });
  const trail = await lab.addTrail();
  s3.fate = () => "denied";
  await lab.append([{ id: "old", time: time.now() }]);
  const pass = async (days: number): Promise<void> => {
    for (const end = time.elapsed() + days * 24 * hour; time.elapsed() < end;) {
      const { attempts } = s3;
      await lab.until(() => s3.attempts > attempts, 3 * hour);
    }
  };
  await pass(29);
  expect(lab.delivery.account(trail.id)).toMatchObject({ pending: 1, expired: 0 });
  expect(lab.delivery.status(trail.id, "us-east-1").latestDelivery).toEqual({
    error: "AccessDenied",
    attempt: expect.any(Number),
  });
  await lab.append([{ id: "young", time: time.now() }]);
  await pass(1.5);
  await lab.until(() => lab.delivery.account(trail.id).expired === 1, 3 * hour);
  expect(lab.delivery.account(trail.id)).toEqual({ recorded: 2, delivered: 0, filtered: 0, pending: 1, expired: 1 });
  s3.fate = () => "ok";
  await lab.until(() => lab.delivery.account(trail.id).delivered === 1, 3 * hour);
  expect(ids()).toEqual(["young"]);
}, 60_000);

test("an outage leaves what waits in the journal, which is trimmed no further, and a backlog goes out in full files", async () => {
  const time = new TestTime(Date.parse("2026-03-02T09:00:00Z"));
  const lab = await open({ time, settings: { flushMilliseconds: 60_000, flushOctets: 20_000 } });
  const trail = await lab.addTrail();
  s3.fate = () => "slow-down";
  const waiting = numbered(1, 2_000).map((event) => ({ ...event, record: { pad: "x".repeat(600) } }));
  for (let at = 0; at < waiting.length; at += 100) {
    await lab.append(waiting.slice(at, at + 100));
    await lab.until(() => s3.attempts > 0, 2_000);
  }
  const plans = (): number => Number(lab.database.prepare("SELECT count(DISTINCT up_to) AS count FROM plans").get()!["count"]);
  await lab.until(() => plans() === 4);
  time.pass(3_600_000);
  expect(plans()).toBe(4);
  expect(lab.journal.status().first).toBe(1);
  expect(lab.host.lags()[0]!.lag).toBeGreaterThan(1_500);
  s3.fate = () => "ok";
  await lab.until(() => lab.delivery.account(trail.id).delivered === 2_000);
  expect(ids().toSorted()).toEqual(waiting.map(({ id }) => id).toSorted());
  const sizes = [...s3.records().values()].map((records) => records.length);
  // Of 105 at best, and those that the clock sent before they were full.
  expect(sizes.length).toBeLessThan(125);
  await lab.append([{ id: "last" }]);
  await lab.until(() => lab.journal.status().first > 1_000);
});

test("a change that comes to light late holds from its own place on", async () => {
  const time = new TestTime(Date.parse("2026-03-02T09:00:00Z"));
  const lab = await open({ time, settings: { flushMilliseconds: 60_000 } });
  const trail = await lab.addTrail();
  await lab.append(numbered(1, 3));
  const place = lab.place();
  await lab.append([{ id: "change", requestId: place.requestId }, ...numbered(4, 6)]);
  await lab.pumping(lab.host.caughtUp(7));
  expect(lab.delivery.account(trail.id)).toMatchObject({ pending: 7 });
  await lab.trails.update(trail, place, (before) => ({ ...before, logging: false }));
  await lab.until(() => s3.puts.length > 0);
  expect(ids()).toEqual(["e1", "e2", "e3", "change"]);
  await lab.until(() => lab.delivery.isAtRest(trail.id));
  expect(lab.delivery.account(trail.id)).toEqual({ recorded: 4, delivered: 4, filtered: 0, pending: 0, expired: 0 });
});

test("delivery closes within seconds while its bucket does not answer, and goes on after the next start", async () => {
  const lab = await open({ settings: { requestMilliseconds: 60_000 } });
  const trail = await lab.addTrail();
  s3.fate = () => "silent";
  await lab.append(numbered(1, 3));
  await poll(() => s3.attempts).toBe(1);
  const started = performance.now();
  await lab.close();
  expect(performance.now() - started).toBeLessThan(20_000);
  s3.fate = () => "ok";
  await lab.open();
  await poll(ids).toEqual(["e1", "e2", "e3"]);
  await poll(() => lab.delivery.account(trail.id)).toMatchObject({ recorded: 3, delivered: 3, pending: 0 });
});

test("what was gathered is sent before delivery closes", async () => {
  const lab = await open({ settings: { flushMilliseconds: 3_600_000 } });
  await lab.addTrail();
  await lab.append(numbered(1, 3));
  await lab.host.caughtUp(3);
  await lab.close();
  expect(ids()).toEqual(["e1", "e2", "e3"]);
  await lab.open();
});

test("where a delivered file cannot be noted, the others of its flush are neither sent nor counted twice", async () => {
  const time = new TestTime(Date.parse("2026-03-02T09:00:00Z"));
  const lab = await open({ time, settings: { requestMilliseconds: 20_000 } });
  const trail = await lab.addTrail();
  lab.database.exec(`CREATE TEMP TRIGGER full BEFORE INSERT ON delivered_files WHEN NEW.region = 'eu-west-1'
    BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`);
  const { promise: opened, resolve: release } = Promise.withResolvers<void>();
  s3.gate = (key) => (key.includes("us-east-1") ? opened : undefined);
  await lab.append([{ id: "a" }, { id: "b", region: "eu-west-1" }]);
  await lab.until(() => s3.puts.length === 1 && s3.attempts === 2);
  // Long enough for the next attempts.
  for (let at = 0; at < 50; at++) {
    time.pass(10_000);
    await new Promise((wake) => setTimeout(wake, 1));
  }
  expect(s3.attempts).toBe(2);
  lab.database.exec("DROP TRIGGER full");
  release();
  await lab.until(() => lab.delivery.account(trail.id).pending === 0);
  expect(lab.delivery.account(trail.id)).toMatchObject({ recorded: 2, delivered: 2 });
  expect(lab.database.prepare("SELECT count(*) AS files FROM delivered_files").get()).toEqual({ files: 2 });
  expect(s3.changed()).toEqual([]);
});

test("changes of a trail that nobody needs any more are forgotten", async () => {
  const time = new TestTime(Date.parse("2026-03-02T09:00:00Z"));
  const lab = await open({ time, settings: { flushOctets: 200_000 } });
  const trail = await lab.addTrail();
  for (let change = 0; change < 30; change++) {
    await lab.updateTrail(trail, { s3KeyPrefix: `p${change}` });
    await lab.append(numbered(change * 100 + 1, change * 100 + 100));
  }
  await lab.pumping(lab.host.caughtUp(3_000));
  await lab.until(() => lab.delivery.account(trail.id).delivered === 3_000);
  await lab.until(() => lab.trails.revisions().length < 25);
  expect(lab.trails.revisions().at(-1)!.trail.s3KeyPrefix).toBe("p29");
});
