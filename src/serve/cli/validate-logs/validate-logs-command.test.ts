import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestStringToSign, sha256Hex } from "../../../readers/delivery/digest/digest-document.ts";
import { type Ran, runValidation } from "./run-validation.test-support.ts";
import { ARN, T0, TrailBucket } from "./trail-bucket.test-support.ts";

const HOUR = 3_600_000;

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
const log = (n: number): string => `logs/${bucket.logs[n]}`;

/** Edits a digest's content; signs it with `key` if given, and then passes for the real one in all that names it. */
function editDigest(name: string, edit: (text: string) => string, key?: KeyObject): void {
  const digest = object(name);
  const text = edit(gunzipSync(digest.body).toString());
  digest.body = gzipSync(text);
  if (key === undefined) return;
  const { digestEndTime, digestS3Bucket, digestS3Object, previousDigestSignature } = JSON.parse(text);
  const signed = digestStringToSign({
    endTime: digestEndTime,
    bucket: digestS3Bucket,
    key: digestS3Object,
    hash: sha256Hex(Buffer.from(text)),
    previousSignature: previousDigestSignature,
  });
  digest.headers["x-amz-meta-signature"] = sign("sha256", Buffer.from(signed), key).toString("hex");
}

describe("what is as it was delivered", () => {
  test("is valid, in the words of the AWS CLI", async () => {
    await bucket.hour(2);
    await bucket.hour(0);
    await bucket.hour(1);
    expect(await validate()).toEqual({
      status: 0,
      out: [
        `Validating log files for trail ${ARN} between 2026-03-10T13:29:23Z and 2026-03-10T18:29:23Z\n`,
        "Results requested for 2026-03-10T13:29:23Z to 2026-03-10T18:29:23Z",
        "Results found for 2026-03-10T14:29:23Z to 2026-03-10T18:29:23Z:",
        "",
        "4/4 digest files valid",
        "3/3 log files valid",
      ].join("\n"),
      problems: [],
    });
    const { out } = await validate("--verbose");
    expect(out.split("\n").filter((line) => line.endsWith("\tvalid"))).toHaveLength(7);
    expect(out).toContain(`\nLog file\ts3://${log(2)}\tvalid\n`);
  });

  test("after outages, stops, starts, another bucket and keys that have changed", async () => {
    await bucket.hour(3);
    await bucket.outage(7 * HOUR);
    await bucket.hour(2);
    await bucket.set({ s3BucketName: "logs-2" });
    await bucket.hour(2);
    await bucket.set({ logging: false, stoppedAt: bucket.now });
    bucket.now += 5 * HOUR;
    await bucket.set({ logging: true, startedAt: bucket.now });
    await bucket.hour(1);
    const { status, out, problems } = await validate();
    expect(problems.filter((line) => !line.startsWith("No log files were delivered"))).toEqual([]);
    expect({ status, out: out.split("\n").slice(-3) }).toEqual({
      status: 0,
      out: expect.arrayContaining([expect.stringMatching(/^5\/5 backfill digest files valid$/), "8/8 log files valid"]),
    });
    expect(new Set([...bucket.objects.keys()].map((name) => name.split("/")[0]))).toEqual(new Set(["logs", "logs-2"]));
  });

  test("a month of it, over a change of keys", async () => {
    await bucket.close();
    bucket = new TrailBucket({}, 24 * 60);
    await bucket.listen();
    for (let day = 0; day < 32; day += 1) await bucket.hour(1, 24 * HOUR);
    const { status, out } = await validate();
    expect(out).toContain("33/33 digest files valid\n32/32 log files valid");
    expect(status).toBe(0);
    expect(bucket.keys.list("us-east-1", 0, bucket.now / 1000)).toHaveLength(2);
  });

  test("--json says the same, an object a line", async () => {
    await bucket.hour(1);
    const { out, problems } = await validate("--json", "--verbose");
    const lines = out.split("\n").map((line) => JSON.parse(line));
    expect(lines.at(-1)).toEqual({
      subject: "summary",
      valid: true,
      digests: { valid: 2, invalid: 0 },
      backfillDigests: { valid: 0, invalid: 0 },
      logs: { valid: 1, invalid: 0 },
      gaps: 0,
    });
    expect(lines[1]).toEqual({ subject: "log", backfill: false, state: "valid", bucket: "logs", key: bucket.logs[0] });
    expect(problems).toEqual([]);
  });

  test("a file that no digest can name yet is none of anybody's business", async () => {
    await bucket.hour(1);
    bucket.deliver();
    bucket.now += 60_000;
    expect(await validate()).toMatchObject({ status: 0, problems: [] });
  });

  test("without digests, and without keys", async () => {
    await bucket.hour(0);
    const elsewhere = await validate("--s3-prefix", "elsewhere", "--s3-bucket", "logs", "--end-time", "2026-03-10T15:40:00Z");
    expect(elsewhere).toMatchObject({ status: 0, out: expect.stringContaining("No digests found") });
    // A Region without files has no digests.
    bucket.now += 5 * HOUR;
    await expect(validate("--region", "eu-west-1")).resolves.toMatchObject({ status: 0 });
  });
});

describe("attacks on log files", () => {
  beforeEach(async () => {
    await bucket.hour(3);
    await bucket.hour(2);
  });

  test.each<readonly [what: string, attack: () => void, problems: readonly string[]]>([
    ["one that is removed", () => bucket.objects.delete(log(1)), ["Log file s3://logs/log-1.json.gz INVALID: not found"]],
    [
      "one byte that is changed",
      () =>
        void (object(log(1)).body = gzipSync(
          gunzipSync(object(log(1)).body)
            .toString()
            .replace("x", "y"),
        )),
      ["Log file s3://logs/log-1.json.gz INVALID: hash value doesn't match"],
    ],
    [
      "what is no gzip",
      () => void (object(log(1)).body = Buffer.from("{}")),
      ["Log file s3://logs/log-1.json.gz INVALID: invalid format"],
    ],
    [
      "half of it",
      () => void (object(log(1)).body = object(log(1)).body.subarray(0, 40)),
      ["Log file s3://logs/log-1.json.gz INVALID: invalid format"],
    ],
    [
      "a second member behind the first",
      () => void (object(log(1)).body = Buffer.concat([object(log(1)).body, gzipSync("more")])),
      ["Log file s3://logs/log-1.json.gz INVALID: unexpected data after end of compressed stream"],
    ],
    [
      "two that are swapped",
      () => {
        const [a, b] = [object(log(1)), object(log(2))];
        bucket.objects.set(log(1), b).set(log(2), a);
      },
      [1, 2].map((n) => `Log file s3://logs/log-${n}.json.gz INVALID: hash value doesn't match`),
    ],
    [
      "one that somebody has put there",
      () => void bucket.objects.set(log(1).replace("0001.json", "0099.json"), { ...object(log(1)), modified: T0 + HOUR / 2 }),
      ["Log file s3://logs/log-99.json.gz INVALID: no digest file names it"],
    ],
  ])("%s", async (_what, attack, problems) => {
    attack();
    expect(await validate()).toMatchObject({ status: 1, problems });
  });

  test("a name that plays with the terminal is escaped", async () => {
    bucket.objects.set(`${log(1)}\u001b[2J\u202e`, { ...object(log(1)), modified: T0 + HOUR / 2 });
    const { problems } = await validate();
    expect(problems).toEqual([String.raw`Log file s3://logs/log-1.json.gz\x1b[2J\u202e INVALID: no digest file names it`]);
    const { out } = await validate("--json");
    expect(out).toContain(String.raw`json.gz\u001b[2J\u202e`);
    expect(out).not.toContain("\u202e");
    expect((await validate("--ignore-unnamed")).status).toBe(0);
  });

  test("a connection that breaks is no fault of the file", async () => {
    bucket.breaks = 2;
    expect(await validate()).toMatchObject({ status: 0, problems: [] });
    bucket.breaks = Infinity;
    await expect(validate()).rejects.toThrow(/log.*cannot be read|broke off|CloudTrail_us-east-1.*cannot be read/);
  });
});

describe("attacks on digest files", () => {
  beforeEach(async () => {
    for (let hour = 0; hour < 4; hour += 1) await bucket.hour(1);
  });
  const digest = (n: number): string => bucket.digests()[n]!;

  test.each<readonly [what: string, attack: () => void, problems: readonly string[]]>([
    [
      "one that is removed, and the file that only it names",
      () => {
        bucket.objects.delete(digest(2));
        bucket.objects.delete(log(1));
      },
      ["Digest file s3://logs/T172923Z.json.gz INVALID: not found"],
    ],
    [
      "one that is edited",
      () => editDigest(digest(2), (text) => text.replace("17:29:23", "17:29:24")),
      ["Digest file s3://logs/T172923Z.json.gz INVALID: signature verification failed"],
    ],
    [
      "one that is signed by another key",
      () =>
        editDigest(
          digest(2),
          (text) => text.replace(/"hashValue":"./, '"hashValue":"z'),
          generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
        ),
      ["Digest file s3://logs/T172923Z.json.gz INVALID: signature verification failed"],
    ],
    [
      "one that names another key, too",
      () => {
        const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
        const fingerprint = createHash("md5")
          .update(publicKey.export({ type: "pkcs1", format: "der" }))
          .digest("hex");
        const name = (text: string): string => text.replace(/(PublicKeyFingerprint":")[0-9a-f]+/, `$1${fingerprint}`);
        editDigest(digest(2), name, privateKey);
      },
      [expect.stringMatching(/T172923Z.json.gz INVALID: public key not found in region us-east-1 for fingerprint [0-9a-f]{32}$/)],
    ],
    [
      "one without its signature",
      () => void delete object(digest(2)).headers["x-amz-meta-signature"],
      ["Digest file s3://logs/T172923Z.json.gz INVALID: signature verification failed"],
    ],
    [
      "no digest at all",
      () => void (object(digest(2)).body = gzipSync("[1]")),
      ["Digest file s3://logs/T172923Z.json.gz INVALID: invalid format"],
    ],
    [
      "a bomb",
      () => void (object(digest(2)).body = gzipSync(Buffer.alloc(70 * 1024 * 1024))),
      ["Digest file s3://logs/T172923Z.json.gz INVALID: invalid format"],
    ],
    [
      "data behind it, which some readers would show",
      () => void (object(digest(2)).body = Buffer.concat([object(digest(2)).body, gzipSync("more")])),
      ["Digest file s3://logs/T172923Z.json.gz INVALID: unexpected data after end of compressed stream"],
    ],
    [
      "one that lies in another's place",
      () => void bucket.objects.set(digest(2), object(digest(1))),
      ["Digest file s3://logs/T172923Z.json.gz INVALID: has been moved from its original location"],
    ],
  ])("%s", async (_what, attack, problems) => {
    attack();
    // Its files are left without a name.
    const { status, problems: found } = await validate("--ignore-unnamed");
    expect({ status, found }).toEqual({ status: 1, found: problems });
  });

  test("one that the thief of the key has signed anew: the next digest knows better", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const value = publicKey.export({ type: "pkcs1", format: "der" });
    const fingerprint = createHash("md5").update(value).digest("hex");
    const list = bucket.keys.list.bind(bucket.keys);
    bucket.keys.list = (...range) => [...list(...range), { value, fingerprint, validFrom: 0, validTo: 4e9 }];
    const name = (text: string): string => text.replace(/(PublicKeyFingerprint":")[0-9a-f]+/, `$1${fingerprint}`);
    editDigest(digest(2), name, privateKey);
    const { status, problems } = await validate("--ignore-unnamed");
    expect([status, problems]).toEqual([
      1,
      [expect.stringMatching(/T172923Z.json.gz INVALID: has another signature than .*T182923Z.json.gz names$/)],
    ]);
  });

  test("a chain that is cut off at its end ends too early", async () => {
    for (const name of bucket.digests().slice(-2)) bucket.objects.delete(name);
    const { status, problems } = await validate("--ignore-unnamed");
    expect([status, problems]).toEqual([
      1,
      ["No digest file was found in s3://logs after 2026-03-10T17:29:23Z; one was due by 2026-03-10T18:29:23Z"],
    ]);
  });

  test("so does one of which nothing is left", async () => {
    for (const name of bucket.digests()) bucket.objects.delete(name);
    const { status, out, problems } = await validate();
    expect(out).toContain("No digests found");
    expect([status, problems]).toEqual([
      1,
      [
        "No digest file was found in s3://logs after 2026-03-10T13:29:23Z; one was due by 2026-03-10T16:29:23Z. " +
          "If the trail's bucket has just changed, --s3-bucket names the former one",
      ],
    ]);
  });

  test("so does one whose trail has stopped since", async () => {
    await bucket.set({ logging: false, stoppedAt: bucket.now });
    for (const name of bucket.digests().slice(-2)) bucket.objects.delete(name);
    expect(await validate("--ignore-unnamed")).toMatchObject({ status: 0 });
    bucket.objects.delete(bucket.digests().at(-1)!);
    expect(await validate("--ignore-unnamed")).toMatchObject({ status: 1 });
  });

  test("a chain that had ended before the last start is not missed, one that began then is", async () => {
    await bucket.set({ logging: false, stoppedAt: bucket.now });
    const between = bucket.now / 1000;
    bucket.now += 9 * HOUR;
    await bucket.set({ logging: true, startedAt: bucket.now });
    for (let hour = 0; hour < 3; hour += 1) await bucket.hour(1);
    expect(await validate("--end-time", String(between + 4 * 3600))).toMatchObject({ status: 0 });
    for (const name of bucket.digests().slice(-4)) bucket.objects.delete(name);
    const { status, problems } = await validate("--ignore-unnamed");
    expect([status, problems.at(-1)]).toEqual([
      1,
      "No digest file was found in s3://logs after 2026-03-10T19:29:24Z; one was due by 2026-03-11T05:29:23Z",
    ]);
  });

  test("backfill digests that are removed leave a hole", async () => {
    await bucket.outage(8 * HOUR);
    await bucket.hour(1);
    const backfills = bucket.digests().filter((name) => name.includes("_backfill"));
    expect(backfills.length).toBeGreaterThan(3);
    expect(await validate()).toMatchObject({ status: 0 });
    for (const name of backfills) bucket.objects.delete(name);
    const { status, problems } = await validate();
    expect([status, problems]).toEqual([
      1,
      ["No digest file is about all of the time between 2026-03-10T19:29:23Z and 2026-03-11T01:29:23Z"],
    ]);
  });

  test("a digest that no other leads to", async () => {
    // The last of a chain that was stopped, and its successor restored without the link.
    const name = digest(2).replace("T172923Z", "T175923Z");
    bucket.objects.set(name, object(digest(2)));
    const { problems } = await validate("--ignore-unnamed");
    expect(problems).toEqual(["Digest file s3://logs/T175923Z.json.gz INVALID: no other digest file leads to it"]);
  });
});

test.each([
  [["--trail-arn", "arn:aws:s3:::x"], "Invalid trail ARN provided: arn:aws:s3:::x"],
  [["--end-time", "2020-01-01T00:00:00Z"], "Invalid time range specified: start-time must occur before end-time"],
  [["--trail-arn", `${ARN}-other`], `A trail could not be found for ${ARN}-other`],
  [["--parallel", "0"], "--parallel takes a number"],
])("%s is refused", async (flags, message) => {
  await bucket.hour(0);
  await expect(validate(...flags)).rejects.toThrow(message);
});
