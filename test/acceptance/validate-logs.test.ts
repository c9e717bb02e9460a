import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AwsCli, awsCli } from "../support/aws-cli.ts";
import { type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { peer, type Ran, run } from "../support/peers.ts";

const PROGRAM = join(resolve(import.meta.dirname, "../.."), "bin/opentrail.js");
const ARN = "arn:aws:cloudtrail:us-east-1:000000000000:trail/audit";
const START = "2020-01-01T00:00:00Z";

/** The stock validator and ours over one bucket: what the one finds, the other finds, in the same words. */
describe.skipIf(peer("aws") === undefined)("a trail with log file validation", () => {
  const files = mkdtempSync(join(tmpdir(), "opentrail-validated-"));
  let trail: OpenTrailProcess;
  let aws: AwsCli;

  const ours = async (...flags: readonly string[]): Promise<Ran> =>
    await run(process.execPath, [PROGRAM, "validate-logs", "--trail-arn", ARN, "--start-time", START, ...flags], {
      AWS_ENDPOINT_URL: trail.url,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_DEFAULT_REGION: "us-east-1",
    });
  const stock = async (...flags: readonly string[]): Promise<Ran> =>
    await aws("cloudtrail", "validate-logs", "--trail-arn", ARN, "--start-time", START, ...flags);
  const keys = async (folder: string): Promise<readonly string[]> => {
    const { Contents = [] } = (await aws.json("s3api", "list-objects-v2", "--bucket", "logs")) as {
      Contents?: { Key: string }[];
    };
    return Contents.map(({ Key }) => Key).filter((key) => key.includes(`/${folder}/`) && !key.endsWith("/"));
  };

  beforeAll(async () => {
    const config = join(files, "opentrail.yaml");
    writeFileSync(config, "delivery: { flushSeconds: 0.5, digestMinutes: 1 }\n");
    trail = await startOpenTrail({ flags: ["--config", config] });
    aws = awsCli({ endpoint: trail.url });
    for (const line of [
      ["s3api", "create-bucket", "--bucket", "logs"],
      ["cloudtrail", "create-trail", "--name", "audit", "--s3-bucket-name", "logs", "--enable-log-file-validation"],
      ["cloudtrail", "start-logging", "--name", "audit"],
      ["sts", "get-caller-identity"],
      ["sqs", "create-queue", "--queue-name", "jobs"],
    ]) {
      expect(await aws(...line), line.join(" ")).toMatchObject({ status: 0 });
    }
    await until(async () => ((await keys("CloudTrail")).length > 0 ? true : undefined), "a log file");
    await until(async () => ((await keys("CloudTrail-Digest")).length > 1 ? true : undefined), "a digest of log files", 90_000);
  });
  afterAll(async () => {
    await trail?.remove();
    rmSync(files, { recursive: true });
  });

  test("is valid, and both say so in the same words", async () => {
    const end = new Date().toISOString().replace(/\.\d+/, "");
    const [theirs, own] = [await stock("--end-time", end, "--verbose"), await ours("--end-time", end, "--verbose")];
    expect(theirs).toMatchObject({ status: 0, stderr: "" });
    expect(theirs.stdout).toMatch(/\n2\/2 digest files valid\n(\d+)\/\1 log files valid\n$/);
    expect(own).toEqual(theirs);
  });

  test("one byte of one file is found by both, and named", async () => {
    const [key = ""] = await keys("CloudTrail");
    const [kept, edited] = [join(files, "kept.json.gz"), join(files, "edited.json.gz")];
    await aws.json("s3api", "get-object", "--bucket", "logs", "--key", key, kept);
    writeFileSync(edited, gzipSync(gunzipSync(readFileSync(kept)).toString().replace("eventVersion", "eventVersioN")));
    await aws.json("s3api", "put-object", "--bucket", "logs", "--key", key, "--body", edited);
    const end = new Date().toISOString().replace(/\.\d+/, "");
    const [theirs, own] = [await stock("--end-time", end), await ours("--end-time", end)];
    expect(theirs.status).toBe(1);
    expect(theirs.stderr).toBe(`Log file\ts3://logs/${key}\tINVALID: hash value doesn't match\n\n`);
    expect(own).toEqual(theirs);
    await aws.json("s3api", "put-object", "--bucket", "logs", "--key", key, "--body", kept);
  });

  test("the newest digests gone: valid to the one, not to the other, which was there before", async () => {
    expect(await aws("cloudtrail", "stop-logging", "--name", "audit")).toMatchObject({ status: 0 });
    const last = await until(async () => {
      const digests = await keys("CloudTrail-Digest");
      return digests.length > 2 ? digests.at(-1) : undefined;
    }, "the last digest");
    const checkpoint = ["--checkpoint", join(files, "checkpoint.json"), "--ignore-unnamed"];
    expect(await ours(...checkpoint)).toMatchObject({ status: 0 });
    await aws.json("s3api", "delete-object", "--bucket", "logs", "--key", last);
    expect(await stock()).toMatchObject({ status: 0, stderr: "" });
    const { status, stderr } = await ours(...checkpoint);
    expect(status).toBe(1);
    expect(stderr).toContain(`Digest file\ts3://logs/${last}\tINVALID: was removed since the checkpoint`);
  });
});
