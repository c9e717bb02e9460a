import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsCli, type AwsCli } from "../support/aws-cli.ts";
import { startOpenTrail, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { peer } from "../support/peers.ts";

const MANAGEMENT = "111122223333";
const MEMBER = "222233334444";
const ARN = `arn:aws:cloudtrail:us-east-1:${MANAGEMENT}:trail/cli`;

describe.skipIf(peer("aws") === undefined)("the trail API, by the AWS CLI", () => {
  const directory = mkdtempSync(join(tmpdir(), "opentrail-cli-trails-"));
  let trail: OpenTrailProcess;
  let management: AwsCli;
  let member: AwsCli;

  beforeAll(async () => {
    const config = join(directory, "opentrail.yaml");
    writeFileSync(
      config,
      `
organization: { id: o-exampleorgid, managementAccount: "${MANAGEMENT}", members: [{ id: "${MEMBER}", name: Audit, email: audit@example.org }] }
accounts:
  - { id: "${MANAGEMENT}", users: [{ name: admin, accessKeys: [{ id: AKIAMANAGEMENT }] }] }
  - { id: "${MEMBER}", users: [{ name: admin, accessKeys: [{ id: AKIAMEMBER }] }] }
`,
    );
    trail = await startOpenTrail({ flags: ["--config", config] });
    management = awsCli({ endpoint: trail.url, accessKeyId: "AKIAMANAGEMENT" });
    member = awsCli({ endpoint: trail.url, accessKeyId: "AKIAMEMBER" });
    expect(await management("s3", "mb", "s3://cli-logs")).toMatchObject({ status: 0 });
  });
  afterAll(async () => {
    await trail?.remove();
    rmSync(directory, { recursive: true });
  });

  const refused = async (cli: AwsCli, ...line: readonly string[]): Promise<string> => {
    const { status, stderr } = await cli("cloudtrail", ...line);
    expect(status).not.toBe(0);
    return /An error occurred \((\w+)\)/.exec(stderr)?.[1] ?? stderr;
  };
  const cloudtrail = async (...line: readonly string[]) => await management.json("cloudtrail", ...line);

  test("from creation to deletion", async () => {
    expect(
      await cloudtrail(
        "create-trail",
        "--name",
        "cli",
        "--s3-bucket-name",
        "cli-logs",
        "--is-multi-region-trail",
        "--tags-list",
        "Key=a,Value=1",
      ),
    ).toMatchObject({ TrailARN: ARN, IsMultiRegionTrail: true, LogFileValidationEnabled: false });
    await management("cloudtrail", "start-logging", "--name", "cli");
    expect(await cloudtrail("get-trail-status", "--name", ARN)).toMatchObject({ IsLogging: true, TimeLoggingStopped: "" });
    await management("cloudtrail", "add-tags", "--resource-id", ARN, "--tags-list", "Key=b");
    await management("cloudtrail", "remove-tags", "--resource-id", ARN, "--tags-list", "Key=a");
    expect(await cloudtrail("list-tags", "--resource-id-list", ARN)).toEqual({
      ResourceTagList: [{ ResourceId: ARN, TagsList: [{ Key: "b" }] }],
    });
    const selector = '[{"ReadWriteType":"WriteOnly","IncludeManagementEvents":true}]';
    expect(await cloudtrail("put-event-selectors", "--trail-name", "cli", "--event-selectors", selector)).toMatchObject({
      TrailARN: ARN,
    });
    expect(await cloudtrail("get-event-selectors", "--trail-name", "cli")).toMatchObject({
      EventSelectors: [{ ReadWriteType: "WriteOnly", DataResources: [], ExcludeManagementEventSources: [] }],
    });
    expect(
      await cloudtrail("update-trail", "--name", "cli", "--enable-log-file-validation", "--s3-key-prefix", "p"),
    ).toMatchObject({
      S3KeyPrefix: "p",
      LogFileValidationEnabled: true,
    });
    const cleared = await cloudtrail("update-trail", "--name", "cli", "--no-enable-log-file-validation", "--s3-key-prefix", "");
    expect(cleared).not.toHaveProperty("S3KeyPrefix");
    expect((await cloudtrail("describe-trails", "--trail-name-list", "cli")).trailList).toMatchObject([
      { HasCustomEventSelectors: true },
    ]);
    expect((await cloudtrail("list-trails")).Trails).toEqual([{ TrailARN: ARN, Name: "cli", HomeRegion: "us-east-1" }]);
    expect(await refused(management, "get-resource-policy", "--resource-arn", ARN)).toBe("ResourceTypeNotSupportedException");
    expect(await refused(management, "update-trail", "--name", ARN, "--region", "eu-west-1")).toBe("InvalidHomeRegionException");
    await management("cloudtrail", "stop-logging", "--name", ARN);
    expect((await cloudtrail("get-trail-status", "--name", "cli")).IsLogging).toBe(false);
    await management("cloudtrail", "delete-trail", "--name", "cli");
    expect(await cloudtrail("describe-trails")).toEqual({ trailList: [] });
    expect(await refused(management, "get-trail", "--name", "cli")).toBe("TrailNotFoundException");
  });

  test("for an organization", async () => {
    expect((await member.json("organizations", "describe-organization")).Organization).toMatchObject({
      Id: "o-exampleorgid",
      MasterAccountId: MANAGEMENT,
      FeatureSet: "ALL",
    });
    expect((await management.json("organizations", "list-accounts")).Accounts).toMatchObject([
      { Id: MANAGEMENT },
      { Id: MEMBER, Name: "Audit", Email: "audit@example.org", Status: "ACTIVE" },
    ]);
    expect((await member("organizations", "list-accounts")).stderr).toContain("AccessDeniedException");
    await management("cloudtrail", "register-organization-delegated-admin", "--member-account-id", MEMBER);
    const { DelegatedAdministrators } = await member.json("organizations", "list-delegated-administrators");
    expect(DelegatedAdministrators).toMatchObject([{ Id: MEMBER }]);
    const create = ["create-trail", "--name", "cli", "--s3-bucket-name", "cli-logs", "--is-organization-trail"];
    expect(await member.json("cloudtrail", ...create)).toMatchObject({ TrailARN: ARN, IsOrganizationTrail: true });
    await management("cloudtrail", "deregister-organization-delegated-admin", "--delegated-admin-account-id", MEMBER);
    expect(await refused(member, "delete-trail", "--name", ARN)).toBe("NotOrganizationMasterAccountException");
    expect(await member.json("cloudtrail", "get-trail-status", "--name", ARN)).toMatchObject({ IsLogging: false });
    expect((await member.json("cloudtrail", "describe-trails", "--no-include-shadow-trails")).trailList).toEqual([]);
    await management("cloudtrail", "delete-trail", "--name", ARN);
  });
});
