import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AddTagsCommand,
  CreateTrailCommand,
  type CreateTrailCommandInput,
  DeleteTrailCommand,
  DeregisterOrganizationDelegatedAdminCommand,
  DescribeTrailsCommand,
  type DescribeTrailsCommandInput,
  GetEventConfigurationCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  ListTagsCommand,
  ListTrailsCommand,
  PutEventConfigurationCommand,
  RegisterOrganizationDelegatedAdminCommand,
  RemoveTagsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from "@aws-sdk/client-cloudtrail";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDelegationStore } from "../../account/organization/drivers/sqlite/open-delegation-store.ts";
import { organizationSchema } from "../../account/organization/organization-schema.ts";
import { Organization } from "../../account/organization/organization.ts";
import type { DelegationStore } from "../../account/organization/delegation-store.ts";
import { failure, serveApi, type ServedApi } from "./api.test-support.ts";

const MANAGEMENT = "111122223333";
const DELEGATED = "222233334444";
const MEMBER = "333344445555";
const STRANGER = "999900001111";
const more = ["444455556666", "555566667777", "666677778888"];
const ARN = `arn:aws:cloudtrail:us-east-1:${MANAGEMENT}:trail/all`;
const NOT_MANAGEMENT = [
  "NotOrganizationMasterAccountException",
  "You cannot configure or manage trails for an organization because this action requires being signed in with the management account.",
];

let directory: string;
let delegations: DelegationStore;
let api: ServedApi;

async function serve(settings: object = {}): Promise<void> {
  delegations = openDelegationStore(join(directory, "organization.sqlite"));
  const parsed = organizationSchema.parse({
    id: "o-exampleorgid",
    managementAccount: MANAGEMENT,
    members: [DELEGATED, MEMBER, ...more],
    delegatedAdministrators: [DELEGATED],
    ...settings,
  });
  api = await serveApi({ organization: new Organization(parsed, delegations, { now: () => 1 }) });
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "opentrail-organization-"));
  await serve();
});
afterEach(async () => {
  await api.close();
  await delegations.close();
  rmSync(directory, { recursive: true });
});

const create = async (account: string, input: Partial<CreateTrailCommandInput> = {}, region?: string): Promise<unknown> =>
  await api.client(region, account).send(
    new CreateTrailCommand({
      Name: "all",
      S3BucketName: "logs",
      IsOrganizationTrail: true,
      IsMultiRegionTrail: true,
      ...input,
    }),
  );
const names = async (account: string, input: DescribeTrailsCommandInput = {}, region?: string): Promise<unknown> =>
  (await api.client(region, account).send(new DescribeTrailsCommand(input))).trailList?.map(({ TrailARN }) => TrailARN);

/** What each change of a trail answers. */
async function changes(account: string, Name: string, region?: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const client = api.client(region, account);
  return {
    start: await failure(client.send(new StartLoggingCommand({ Name }))),
    stop: await failure(client.send(new StopLoggingCommand({ Name }))),
    update: await failure(client.send(new UpdateTrailCommand({ Name, S3BucketName: "other" }))),
    configuration: await failure(
      client.send(new PutEventConfigurationCommand({ TrailName: Name, AggregationConfigurations: [] })),
    ),
    addTags: await failure(client.send(new AddTagsCommand({ ResourceId: ARN, TagsList: [{ Key: "a" }] }))),
    removeTags: await failure(client.send(new RemoveTagsCommand({ ResourceId: ARN, TagsList: [{ Key: "a" }] }))),
    delete: await failure(client.send(new DeleteTrailCommand({ Name }))),
  };
}

describe("an organization trail", () => {
  test.each([MANAGEMENT, DELEGATED])("made by %s is the management account's", async (account) => {
    expect(await create(account)).toMatchObject({ TrailARN: ARN, IsOrganizationTrail: true });
    expect(await api.trails.list(MANAGEMENT)).toMatchObject([{ accountId: MANAGEMENT, arn: ARN, isOrganizationTrail: true }]);
    expect(await failure(create(account))).toEqual([
      "TrailAlreadyExistsException",
      `Trail all already exists for customer: ${MANAGEMENT}`,
    ]);
  });

  test("is seen by every member, by its ARN, and by nobody else", async () => {
    await create(MANAGEMENT);
    await api.client("us-east-1", MANAGEMENT).send(new CreateTrailCommand({ Name: "own", S3BucketName: "logs" }));
    for (const account of [DELEGATED, MEMBER]) {
      const client = api.client("us-east-1", account);
      const { Trails } = await client.send(new ListTrailsCommand({}));
      expect(Trails).toEqual([{ TrailARN: ARN, Name: "all", HomeRegion: "us-east-1" }]);
      expect((await client.send(new GetTrailCommand({ Name: ARN }))).Trail).toMatchObject({ Name: "all", TrailARN: ARN });
      expect(await client.send(new GetTrailStatusCommand({ Name: ARN }))).toMatchObject({ IsLogging: false });
      expect(await client.send(new GetEventConfigurationCommand({ TrailName: ARN }))).toMatchObject({ TrailARN: ARN });
      expect((await client.send(new ListTagsCommand({ ResourceIdList: [ARN] }))).ResourceTagList).toHaveLength(1);
      expect(await failure(client.send(new GetTrailCommand({ Name: "all" })))).toEqual([
        "TrailNotFoundException",
        `Unknown trail: all for the user: ${account}`,
      ]);
      expect((await failure(client.send(new GetTrailCommand({ Name: ARN.replace("all", "own") }))))[0]).toBe(
        "TrailNotFoundException",
      );
      expect(await names(account)).toEqual([ARN]);
      expect(await names(account, {}, "eu-west-1")).toEqual([ARN]);
      expect(await names(account, { trailNameList: [ARN, "all"] })).toEqual([ARN]);
      expect(await names(account, { trailNameList: ["all"] })).toEqual([]);
      expect(await names(account, { includeShadowTrails: false })).toEqual([]);
    }
    expect(await names(MANAGEMENT, { includeShadowTrails: false })).toHaveLength(2);
    expect(await names(STRANGER, { trailNameList: [ARN] })).toEqual([]);
    expect((await api.client("us-east-1", STRANGER).send(new ListTrailsCommand({}))).Trails).toEqual([]);
    expect((await changes(STRANGER, ARN))["stop"]?.[0]).toBe("TrailNotFoundException");
  });

  test("of one Region is seen there alone", async () => {
    await create(MANAGEMENT, { IsMultiRegionTrail: false });
    expect(await names(MEMBER)).toEqual([ARN]);
    expect(await names(MEMBER, {}, "eu-west-1")).toEqual([]);
  });

  test("cannot be changed by a member, from wherever it tries", async () => {
    await create(MANAGEMENT);
    const before = await api.trails.list(MANAGEMENT);
    for (const region of ["us-east-1", "eu-west-1"]) {
      const { addTags, removeTags, ...others } = await changes(MEMBER, ARN, region);
      expect(Object.values(others)).toEqual(Array.from({ length: 5 }, () => NOT_MANAGEMENT));
      if (region === "us-east-1") expect([addTags, removeTags]).toEqual([NOT_MANAGEMENT, NOT_MANAGEMENT]);
    }
    const { start, delete: deletion } = await changes(MEMBER, "all");
    expect([start?.[0], deletion?.[0]]).toEqual(["TrailNotFoundException", "TrailNotFoundException"]);
    expect(await api.trails.list(MANAGEMENT)).toEqual(before);
  });

  test.each([MANAGEMENT, DELEGATED])("can be changed by %s in its home Region", async (account) => {
    await create(MANAGEMENT);
    expect((await changes(account, ARN, "eu-west-1"))["update"]?.[0]).toBe("InvalidHomeRegionException");
    expect(new Set(Object.values(await changes(account, ARN)).flat())).toEqual(new Set([""]));
    expect(await api.trails.list(MANAGEMENT)).toEqual([]);
  });

  test("is known to a delegated administrator by its ARN alone", async () => {
    await create(DELEGATED);
    const start = api.client("us-east-1", DELEGATED).send(new StartLoggingCommand({ Name: "all" }));
    expect(await failure(start)).toEqual([
      "TrailNotFoundException",
      `Unknown trail: ${ARN.replace(MANAGEMENT, DELEGATED)} for the user: ${DELEGATED}`,
    ]);
  });

  test("may log to its own account's group, or to a delegated administrator's", async () => {
    const logs = (account: string): Partial<CreateTrailCommandInput> => ({
      CloudWatchLogsLogGroupArn: `arn:aws:logs:us-east-1:${account}:log-group:g:*`,
      CloudWatchLogsRoleArn: `arn:aws:iam::${account}:role/r`,
    });
    expect((await failure(create(DELEGATED, logs(MEMBER))))[0]).toBe("InvalidCloudWatchLogsLogGroupArnException");
    expect((await failure(create(MANAGEMENT, logs(DELEGATED))))[0]).toBe("InvalidCloudWatchLogsLogGroupArnException");
    expect(await create(DELEGATED, logs(DELEGATED))).toMatchObject(logs(DELEGATED));
    expect(await create(DELEGATED, { ...logs(MANAGEMENT), Name: "two" })).toMatchObject(logs(MANAGEMENT));
  });

  test("counts among the trails of every member, and takes its name there", async () => {
    await create(MANAGEMENT);
    const own = async (Name: string): Promise<readonly string[]> =>
      await failure(create(MEMBER, { Name, IsOrganizationTrail: false }));
    expect((await own("all"))[0]).toBe("TrailAlreadyExistsException");
    for (const name of ["one", "two", "three", "four"]) expect(await own(name)).toEqual(["", ""]);
    expect((await own("five"))[0]).toBe("MaximumNumberOfTrailsExceededException");
  });

  test("is made of another by the management account alone, and made another again", async () => {
    await create(MANAGEMENT, { IsOrganizationTrail: false });
    const convert = async (account: string, IsOrganizationTrail: boolean): Promise<readonly string[]> =>
      await failure(api.client("us-east-1", account).send(new UpdateTrailCommand({ Name: ARN, IsOrganizationTrail })));
    expect((await convert(DELEGATED, true))[0]).toBe("TrailNotFoundException");
    expect(await convert(MANAGEMENT, true)).toEqual(["", ""]);
    expect(await names(MEMBER)).toEqual([ARN]);
    expect(await convert(DELEGATED, false)).toEqual(NOT_MANAGEMENT);
    expect(await convert(MANAGEMENT, false)).toEqual(["", ""]);
    expect(await names(MEMBER)).toEqual([]);
    await create(DELEGATED, { IsOrganizationTrail: false });
    const own = api.client("us-east-1", DELEGATED).send(new UpdateTrailCommand({ Name: "all", IsOrganizationTrail: true }));
    expect(await failure(own)).toEqual(NOT_MANAGEMENT);
  });

  test("cannot be listed with another owner's", async () => {
    await create(MANAGEMENT);
    await create(MEMBER, { Name: "own", IsOrganizationTrail: false });
    const ResourceIdList = [ARN, `arn:aws:cloudtrail:us-east-1:${MEMBER}:trail/own`];
    expect(await failure(api.client("us-east-1", MEMBER).send(new ListTagsCommand({ ResourceIdList })))).toEqual([
      "CloudTrailARNInvalidException",
      "You cannot have resources belonging to multiple owners",
    ]);
  });
});

describe("nobody makes one", () => {
  test("as a member, or outside", async () => {
    expect(await failure(create(MEMBER))).toEqual(NOT_MANAGEMENT);
    expect((await failure(create(STRANGER)))[0]).toBe("OrganizationsNotInUseException");
  });

  test.each([
    [{ allFeatures: false }, "OrganizationNotInAllFeaturesModeException"],
    [{ trustedAccess: false }, "CloudTrailAccessNotEnabledException"],
  ])("with %j", async (settings, name) => {
    await api.close();
    await delegations.close();
    await serve(settings);
    expect((await failure(create(MANAGEMENT)))[0]).toBe(name);
    const register = api
      .client("us-east-1", MANAGEMENT)
      .send(new RegisterOrganizationDelegatedAdminCommand({ MemberAccountId: MEMBER }));
    expect((await failure(register))[0]).toBe(name);
    expect(await failure(create(MANAGEMENT, { IsOrganizationTrail: false }))).toEqual(["", ""]);
  });
});

describe("delegated administrators", () => {
  const register = async (MemberAccountId: string | undefined, account = MANAGEMENT): Promise<string> =>
    (await failure(api.client("us-east-1", account).send(new RegisterOrganizationDelegatedAdminCommand({ MemberAccountId }))))[0];
  const deregister = async (DelegatedAdminAccountId: string | undefined, account = MANAGEMENT): Promise<string> =>
    (
      await failure(
        api.client("us-east-1", account).send(new DeregisterOrganizationDelegatedAdminCommand({ DelegatedAdminAccountId })),
      )
    )[0];

  test("are registered and deregistered, three at most, across restarts", async () => {
    expect(await register(DELEGATED)).toBe("AccountRegisteredException");
    expect(await register(MEMBER)).toBe("");
    expect(await create(MEMBER)).toMatchObject({ TrailARN: ARN });
    expect(await register(more[0])).toBe("");
    expect(await register(more[1])).toBe("DelegatedAdminAccountLimitExceededException");
    expect(await deregister(DELEGATED)).toBe("");
    expect(await deregister(DELEGATED)).toBe("AccountNotRegisteredException");
    await api.close();
    await delegations.close();
    await serve();
    expect(await failure(create(DELEGATED))).toEqual(NOT_MANAGEMENT);
    expect(await create(MEMBER, { Name: "two" })).toMatchObject({ Name: "two" });
    expect(await register(more[1])).toBe("");
  });

  test("errors", async () => {
    expect(await register(MANAGEMENT)).toBe("CannotDelegateManagementAccountException");
    expect(await register(STRANGER)).toBe("AccountNotFoundException");
    expect(await deregister(STRANGER)).toBe("AccountNotFoundException");
    expect(await deregister(MANAGEMENT)).toBe("AccountNotRegisteredException");
    for (const id of ["12", "", undefined, "x".repeat(12)]) {
      expect(await register(id)).toBe("InvalidParameterException");
      expect(await deregister(id)).toBe("InvalidParameterException");
    }
    for (const account of [MEMBER, DELEGATED]) {
      expect(await register(MEMBER, account)).toBe("NotOrganizationManagementAccountException");
      expect(await deregister(DELEGATED, account)).toBe("NotOrganizationManagementAccountException");
    }
    expect(await register(MEMBER, STRANGER)).toBe("OrganizationsNotInUseException");
    expect(await deregister(MEMBER, STRANGER)).toBe("OrganizationsNotInUseException");
  });
});
