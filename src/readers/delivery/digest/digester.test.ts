import { afterEach, describe, expect, test } from "vitest";
import { ACCOUNT, DigestScene, problemsOf, type StoredDigest, T0, trailOf } from "./digest-scene.test-support.ts";

const HOUR = 3600;
let scene: DigestScene;
afterEach(async () => {
  await scene?.digester.close();
});

const spanOf = ({ key, content }: StoredDigest): string =>
  `${content.digestStartTime.slice(11, 19)}-${content.digestEndTime.slice(11, 19)}${key.includes("_backfill") ? " backfill" : ""} ${content.logFiles.length}`;
const spans = (): readonly string[] => scene.digests().map(spanOf);

test("the first digest ends when logging began; the hour is counted from there; empty hours have theirs", async () => {
  scene = new DigestScene();
  scene.set(trailOf());
  await scene.settle();
  expect(spans()).toEqual(["14:29:23-15:29:23 0"]);
  await scene.pass(HOUR - 1);
  expect(spans()).toHaveLength(1);
  await scene.pass(1);
  const log = scene.deliver(trailOf());
  await scene.pass(HOUR);
  expect(spans()).toEqual(["14:29:23-15:29:23 0", "15:29:23-16:29:23 0", "16:29:23-17:29:23 1"]);
  const [starting, second, third] = scene.digests();
  expect(starting!.key).toBe(
    `AWSLogs/${ACCOUNT}/CloudTrail-Digest/us-east-1/2026/03/10/${ACCOUNT}_CloudTrail-Digest_us-east-1_audit_us-east-1_20260310T152923Z.json.gz`,
  );
  expect(starting!.text).toBe(
    JSON.stringify({
      awsAccountId: ACCOUNT,
      digestStartTime: "2026-03-10T14:29:23Z",
      digestEndTime: "2026-03-10T15:29:23Z",
      digestS3Bucket: "logs",
      digestS3Object: starting!.key,
      digestPublicKeyFingerprint: "f",
      digestSignatureAlgorithm: "SHA256withRSA",
      newestEventTime: null,
      oldestEventTime: null,
      previousDigestS3Bucket: null,
      previousDigestS3Object: null,
      previousDigestHashValue: null,
      previousDigestHashAlgorithm: null,
      previousDigestSignature: null,
      logFiles: [],
    }),
  );
  expect(second!.content).toMatchObject({ previousDigestS3Object: starting!.key, previousDigestHashAlgorithm: "SHA-256" });
  expect(third!.content).toMatchObject({
    newestEventTime: "2026-03-10T16:29:22Z",
    oldestEventTime: "2026-03-10T16:29:18Z",
    logFiles: [{ s3Bucket: "logs", s3Object: log, hashAlgorithm: "SHA-256", newestEventTime: "2026-03-10T16:29:22Z" }],
  });
  expect(problemsOf(scene)).toEqual([]);
});

test("a stop has a last digest when the last file is delivered, a new start a new chain", async () => {
  scene = new DigestScene();
  scene.set(trailOf());
  await scene.pass(600);
  const stopped = trailOf({ logging: false, stoppedAt: scene.now });
  scene.drained = false;
  scene.set(stopped);
  await scene.pass(100);
  expect(spans()).toHaveLength(1);
  scene.deliver(stopped);
  scene.drained = true;
  await scene.pass(1);
  expect(spans()).toEqual(["14:29:23-15:29:23 0", "15:29:23-15:41:04 1"]);
  await scene.pass(5 * HOUR);
  expect(spans()).toHaveLength(2);
  scene.set(trailOf({ startedAt: scene.now }));
  await scene.pass(HOUR);
  expect(spans().slice(2)).toEqual(["19:41:04-20:41:04 0", "20:41:04-21:41:04 0"]);
  expect(scene.digests().map(({ content }) => content.previousDigestS3Object === null)).toEqual([true, false, true, false]);
  expect(problemsOf(scene)).toEqual([]);
});

test("files that come when all is closed have a digest all the same, in Regions that have had none too", async () => {
  scene = new DigestScene();
  scene.set(trailOf());
  await scene.pass(600);
  const stopped = trailOf({ logging: false, stoppedAt: scene.now });
  scene.set(stopped);
  await scene.pass(60);
  expect(spans()).toHaveLength(2);
  scene.deliver(stopped);
  scene.deliver(stopped, "eu-west-1");
  await scene.pass(60);
  expect(problemsOf(scene)).toEqual([]);
  expect(scene.digests().at(-1)!.content.logFiles).toHaveLength(1);
  scene.remove(stopped);
  scene.deliver(stopped);
  await scene.pass(60);
  expect(problemsOf(scene)).toEqual([]);
});

test("a stop and a start between two looks: the old chain is closed before the new one begins", async () => {
  scene = new DigestScene();
  scene.set(trailOf());
  await scene.pass(60);
  scene.deliver(trailOf());
  scene.set(trailOf({ startedAt: scene.now }));
  await scene.settle();
  expect(spans()).toEqual(["14:29:23-15:29:23 0", "15:29:23-15:30:23 1", "15:30:23-15:30:24 0"]);
  expect(problemsOf(scene)).toEqual([]);
});

test("a trail that is deleted has its last digest; one of the same name begins behind it", async () => {
  scene = new DigestScene();
  const trail = trailOf();
  scene.set(trail);
  await scene.pass(60);
  scene.deliver(trail);
  scene.remove(trail);
  await scene.settle();
  scene.set(trailOf({ id: "t2", startedAt: scene.now }));
  await scene.settle();
  expect(spans()).toEqual(["14:29:23-15:29:23 0", "15:29:23-15:30:23 1", "15:30:23-15:30:24 0"]);
});

test("validation that is turned off ends with its window; turned on again it begins anew, without what was delivered between", async () => {
  scene = new DigestScene();
  scene.set(trailOf());
  await scene.pass(60);
  const without = trailOf({ logFileValidationEnabled: false });
  scene.set(without);
  await scene.settle();
  scene.deliver(without);
  await scene.pass(HOUR - 60);
  expect(spans()).toEqual(["14:29:23-15:29:23 0", "15:29:23-16:29:23 1"]);
  scene.deliver(without);
  await scene.pass(2 * HOUR);
  scene.set(trailOf());
  await scene.settle();
  await scene.pass(HOUR);
  expect(spans().slice(2)).toEqual(["17:29:23-18:29:23 0", "18:29:23-19:29:23 0"]);
  expect(problemsOf(scene)).toEqual([]);
});

test("validation that comes later begins when it comes", async () => {
  scene = new DigestScene();
  scene.set(trailOf({ logFileValidationEnabled: false }));
  scene.deliver(trailOf({ logFileValidationEnabled: false }));
  await scene.pass(1000);
  scene.set(trailOf());
  await scene.settle();
  await scene.pass(HOUR);
  expect(spans()).toEqual(["14:46:03-15:46:03 0", "15:46:03-16:46:03 0"]);
});

test("Regions and accounts have chains of their own from their first file, in the home Region's windows", async () => {
  scene = new DigestScene();
  const trail = trailOf({ isOrganizationTrail: true, s3KeyPrefix: "deep/er" });
  scene.set(trail);
  await scene.pass(90 * 60);
  scene.deliver(trail, "eu-west-1");
  scene.deliver(trail, "us-east-1", "444455556666");
  await scene.pass(HOUR);
  const found = scene
    .digests()
    .map(({ key, content }) => `${key.split("/").slice(2, 7).join("/")} ${content.digestEndTime.slice(11, 16)}`);
  const home = `AWSLogs/o-exampleorgid/${ACCOUNT}/CloudTrail-Digest`;
  const member = "AWSLogs/o-exampleorgid/444455556666/CloudTrail-Digest";
  expect(found.sort()).toEqual(
    [
      ...["15:29", "16:29", "17:29"].map((end) => `${home}/us-east-1 ${end}`),
      ...["16:29", "17:29"].map((end) => `${home}/eu-west-1 ${end}`),
      ...["16:29", "17:29"].map((end) => `${member}/us-east-1 ${end}`),
    ].sort(),
  );
  expect(problemsOf(scene)).toEqual([]);
});

test("another bucket takes the chain on; a bucket that refuses does not hold up the other", async () => {
  scene = new DigestScene();
  scene.set(trailOf());
  await scene.pass(HOUR);
  scene.destination = "refuses";
  await scene.pass(HOUR);
  expect(scene.outcomes).toEqual(["succeeded", "succeeded", "AccessDenied"]);
  scene.set(trailOf({ s3BucketName: "logs-2", kmsKeyId: "arn:aws:kms:us-east-1:111122223333:key/1" }));
  await scene.settle();
  scene.destination = "well";
  await scene.pass(HOUR);
  const [, , third, fourth] = scene.digests();
  expect([third!.bucket, fourth!.bucket]).toEqual(["logs", "logs-2"]);
  expect(fourth!.content).toMatchObject({ previousDigestS3Bucket: "logs", previousDigestS3Object: third!.key });
  expect(problemsOf(scene)).toEqual([]);
});

test("digests of a long refusal arrive late, in order, each for its own hour", async () => {
  scene = new DigestScene();
  scene.set(trailOf());
  await scene.settle();
  scene.destination = "refuses";
  for (let hour = 0; hour < 10; hour += 1) {
    scene.deliver(trailOf());
    await scene.pass(HOUR);
  }
  expect(scene.digester.pending()).toBe(10);
  expect(spans()).toHaveLength(1);
  scene.destination = "lost";
  await scene.pass(600);
  scene.destination = "well";
  await scene.pass(600);
  expect(scene.digester.pending()).toBe(0);
  expect([...scene.objects.keys()]).toEqual(scene.digests().map(({ bucket, key }) => `${bucket}/${key}`));
  expect(spans().slice(1)).toHaveLength(10);
  expect(spans().every((span) => !span.includes("backfill"))).toBe(true);
  expect(problemsOf(scene)).toEqual([]);
});

describe("time", () => {
  test("hours in which the process was down become backfill digests, once the clock may be believed", async () => {
    scene = new DigestScene();
    scene.set(trailOf());
    await scene.pass(600);
    scene.deliver(trailOf());
    await scene.digester.close();
    scene.now += 7 * HOUR * 1000;
    await scene.restart();
    expect(spans()).toHaveLength(1);
    await scene.pass(601);
    expect(spans().slice(1)).toEqual([
      "15:29:23-16:29:23 backfill 1",
      "16:29:23-17:29:23 backfill 0",
      "17:29:23-18:29:23 backfill 0",
      "18:29:23-19:29:23 backfill 0",
      "19:29:23-20:29:23 backfill 0",
      "20:29:23-21:29:23 0",
      "21:29:23-22:29:23 0",
    ]);
    const last = scene.digests().at(-2);
    expect(last!.content.previousDigestS3Object).toContain("20260310T152923Z.json.gz");
    expect(problemsOf(scene)).toEqual([]);
  });

  test("up to two hours are late, not missed", async () => {
    scene = new DigestScene();
    scene.set(trailOf());
    await scene.settle();
    await scene.digester.close();
    scene.now += 2.5 * HOUR * 1000;
    await scene.restart();
    expect(spans().slice(1)).toEqual(["15:29:23-16:29:23 0", "16:29:23-17:29:23 0"]);
  });

  test("a clock that is years ahead for a moment makes nothing; one that stays there makes fifty digests, not thousands", async () => {
    scene = new DigestScene();
    scene.set(trailOf());
    await scene.settle();
    const jump = 10 * 365 * 24 * HOUR * 1000;
    scene.now += jump;
    scene.deliver(trailOf());
    await scene.pass(60);
    scene.now -= jump;
    await scene.pass(HOUR);
    expect(spans()).toEqual(["14:29:23-15:29:23 0", "15:29:23-16:29:23 1"]);
    scene.now += jump;
    await scene.pass(1200, 15);
    const ahead = spans().length;
    expect(ahead).toBeGreaterThan(40);
    expect(ahead).toBeLessThan(60);
    scene.now -= jump;
    scene.deliver(trailOf());
    await scene.pass(2 * HOUR, 600);
    expect(spans().length - ahead).toBe(2);
    expect(problemsOf(scene)).toEqual([]);
  });
});

test("more files than a digest takes go into several, in order", async () => {
  scene = new DigestScene(60, 5);
  scene.set(trailOf());
  for (let n = 0; n < 13; n += 1) {
    scene.deliver(trailOf());
    scene.now += 60_000;
  }
  await scene.pass(HOUR - 13 * 60);
  expect(spans().slice(1)).toEqual(["15:29:23-15:33:23 5", "15:33:23-15:38:23 5", "15:38:23-16:29:23 3"]);
  expect(problemsOf(scene)).toEqual([]);
});

test("what is refused for thirty days is given up, and the next goes out", async () => {
  scene = new DigestScene(24 * 60);
  scene.set(trailOf());
  scene.destination = "refuses";
  await scene.settle();
  await scene.pass(31 * 24 * HOUR, 24 * HOUR);
  scene.destination = "well";
  await scene.pass(600);
  expect(scene.digester.pending()).toBe(0);
  expect(scene.digests().length).toBeGreaterThan(28);
  expect(scene.digests().length).toBeLessThan(32);
});

test("a digest that cannot be noted as sent is sent again within seconds, as it was", async () => {
  scene = new DigestScene();
  scene.database.exec(
    "CREATE TEMP TRIGGER full BEFORE DELETE ON digests BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
  );
  scene.set(trailOf());
  await scene.settle();
  expect(scene.digester.pending()).toBe(1);
  scene.database.exec("DROP TRIGGER full");
  await scene.pass(15);
  expect(scene.digester.pending()).toBe(0);
  expect(spans()).toEqual(["14:29:23-15:29:23 0"]);
  expect(problemsOf(scene)).toEqual([]);
});

test("the scene's own checks see what is wrong", async () => {
  scene = new DigestScene();
  scene.set(trailOf());
  scene.deliver(trailOf());
  await scene.pass(2 * HOUR, HOUR);
  expect(T0).toBeLessThan(scene.now);
  expect(problemsOf(scene)).toEqual([]);
  const [place] = scene.objects.keys();
  scene.objects.delete(place!);
  expect(problemsOf(scene)).toHaveLength(1);
  scene.delivered.set("another", { required: true });
  expect(problemsOf(scene)).toHaveLength(2);
});
