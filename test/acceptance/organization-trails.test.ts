import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AwsCli, awsCli } from "../support/aws-cli.ts";
import { type CloudTrailRecord, type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { peer, type Ran } from "../support/peers.ts";

const ORGANIZATION = "o-exampleorgid";
const BUCKET = "organization-logs";

/** Each has a key id that decodes to it. */
const ACCOUNTS = {
  management: { id: "111111111111", key: "AKIARTXV5AHDQOBYHA4D" },
  member: { id: "222222222222", key: "AKIATHPL2AOHAOBYHA4D" },
  auditor: { id: "333333333333", key: "AKIAU3HBXAVKQOBYHA4D" },
  outsider: { id: "444444444444", key: "AKIAWO6XUA4OAOBYHA4D" },
} as const;
type Who = keyof typeof ACCOUNTS;

interface File {
  readonly account: string;
  readonly records: readonly CloudTrailRecord[];
}

describe.skipIf(peer("aws") === undefined)("an organization's trail in the embedded account, with the stock CLI", () => {
  const directory = mkdtempSync(join(tmpdir(), "opentrail-organization-"));
  let process: OpenTrailProcess;
  let as: Record<Who, AwsCli>;
  let arn: string;
  let since: number;

  beforeAll(async () => {
    const config = join(directory, "opentrail.yaml");
    const { management, member, auditor } = ACCOUNTS;
    writeFileSync(
      config,
      `organization: { id: ${ORGANIZATION}, managementAccount: "${management.id}", members: ["${member.id}", "${auditor.id}"] }
delivery: { flushSeconds: 1, digestMinutes: 1 }
`,
    );
    process = await startOpenTrail({ flags: ["--config", config] });
    const cli = (who: Who, region = "us-east-1"): AwsCli =>
      awsCli({ endpoint: process.url, accessKeyId: ACCOUNTS[who].key, region });
    as = { management: cli("management"), member: cli("member"), auditor: cli("auditor"), outsider: cli("outsider") };

    await as.management.json("s3api", "create-bucket", "--bucket", BUCKET);
    const options = ["--is-multi-region-trail", "--is-organization-trail", "--enable-log-file-validation"];
    const create = ["create-trail", "--name", "all", "--s3-bucket-name", BUCKET, "--s3-key-prefix", "p", ...options];
    arn = (await as.management.json("cloudtrail", ...create)).TrailARN;
    since = Date.now();
    await as.management.json("cloudtrail", "start-logging", "--name", "all");
    for (const who of ["outsider", "management", "member", "auditor"] as const)
      await as[who].json("sqs", "create-queue", "--queue-name", `of-${who}`);
    // In a Region that is not the trail's home.
    await cli("member", "eu-west-3").json("sns", "create-topic", "--name", "paris");
  });
  afterAll(async () => {
    await process?.remove();
    rmSync(directory, { recursive: true });
  });

  async function files(): Promise<readonly File[]> {
    const listed = await as.management.json("s3api", "list-objects-v2", "--bucket", BUCKET);
    const keys = ((listed?.Contents ?? []) as { Key: string }[]).map(({ Key }) => Key);
    const found: File[] = [];
    for (const key of keys) {
      const folder = new RegExp(
        `^p/AWSLogs/${ORGANIZATION}/(\\d{12})/CloudTrail/([a-z0-9-]+)/\\d{4}/\\d\\d/\\d\\d/(\\d{12})_`,
      ).exec(key);
      if (folder === null) {
        expect(key).toMatch(/\/CloudTrail-Digest\/|\/$/);
        continue;
      }
      const [, account = "", region, named] = folder;
      expect(named).toBe(account);
      const file = join(directory, "file");
      await as.management.json("s3api", "get-object", "--bucket", BUCKET, "--key", key, file);
      const { Records: records } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as { Records: CloudTrailRecord[] };
      for (const { awsRegion } of records) expect(awsRegion).toBe(region);
      found.push({ account, records });
    }
    return found;
  }

  const validate = async (account: string): Promise<Ran> => {
    const range = [
      "--start-time",
      new Date(since - 60_000).toISOString(),
      "--end-time",
      new Date(Date.now() + 60_000).toISOString(),
    ];
    return await as.management("cloudtrail", "validate-logs", "--trail-arn", arn, "--account-id", account, ...range);
  };

  test("has each member's events in that account's folder, and nobody else's", async () => {
    const inside = ["management", "member", "auditor"] as const;
    const found = await until(
      async () => {
        const all = await files();
        const has = (account: string, name: string): boolean =>
          all.some((file) => file.account === account && file.records.some(({ eventName }) => eventName === name));
        const whole = inside.every((who) => has(ACCOUNTS[who].id, "CreateQueue")) && has(ACCOUNTS.member.id, "CreateTopic");
        return whole ? all : undefined;
      },
      "the events of three accounts",
      90_000,
    );
    for (const { account, records } of found) {
      for (const record of records) expect(record["recipientAccountId"]).toBe(account);
    }
    const queues = found.flatMap(({ account, records }) =>
      records
        .filter(({ eventName }) => eventName === "CreateQueue")
        .map(({ requestParameters }) => `${account} ${requestParameters.queueName}`),
    );
    expect(queues.toSorted()).toEqual(inside.map((who) => `${ACCOUNTS[who].id} of-${who}`).toSorted());
    const ids = found.flatMap(({ records }) => records.map(({ eventID }) => eventID));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("a member sees it by its ARN and changes nothing of it; outsiders do not know it", async () => {
    const { member, outsider, management } = as;
    const listed = await member.json("cloudtrail", "describe-trails");
    expect(listed.trailList).toMatchObject([{ TrailARN: arn, IsOrganizationTrail: true, HomeRegion: "us-east-1" }]);
    expect((await member.json("cloudtrail", "get-trail", "--name", arn)).Trail).toMatchObject({ TrailARN: arn });
    expect((await member.json("cloudtrail", "get-trail-status", "--name", arn)).IsLogging).toBe(true);
    for (const line of [
      ["stop-logging", "--name", arn],
      ["update-trail", "--name", arn, "--s3-bucket-name", "elsewhere"],
      ["delete-trail", "--name", arn],
      ["put-event-selectors", "--trail-name", arn, "--event-selectors", '[{"ReadWriteType":"WriteOnly"}]'],
    ]) {
      const { status, stderr } = await member("cloudtrail", ...line);
      expect(status, line.join(" ")).not.toBe(0);
      expect(stderr, line.join(" ")).toMatch(
        /\((NotOrganizationMasterAccountException|InsufficientDependencyServiceAccessPermissionException|AccessDenied\w*)\)/,
      );
    }
    expect((await outsider.json("cloudtrail", "describe-trails")).trailList).toEqual([]);
    expect((await outsider("cloudtrail", "get-trail", "--name", arn)).status).not.toBe(0);
    expect((await management.json("cloudtrail", "get-trail-status", "--name", "all")).IsLogging).toBe(true);
  });

  test("validates for the management account and for each member", { timeout: 240_000 }, async () => {
    await as.management.json("cloudtrail", "stop-logging", "--name", "all");
    for (const who of ["management", "member", "auditor"] as const) {
      const valid = await until(
        async () => {
          const { status, stdout } = await validate(ACCOUNTS[who].id);
          return status === 0 &&
            /([1-9]\d*)\/\1 log files valid/.test(stdout) &&
            /[1-9]\d*\/[1-9]\d* digest files valid/.test(stdout)
            ? stdout
            : undefined;
        },
        `digests of ${who} that name its files`,
        150_000,
      );
      expect(valid).not.toContain("INVALID");
    }
    const stranger = await validate(ACCOUNTS.outsider.id);
    expect(stranger.stdout).toContain("No digests found");
  });
});
