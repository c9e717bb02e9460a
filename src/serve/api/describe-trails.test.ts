import { CreateTrailCommand, DescribeTrailsCommand, type DescribeTrailsCommandInput } from "@aws-sdk/client-cloudtrail";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, failure, OTHER_ACCOUNT, serveApi, type ServedApi } from "./api.test-support.ts";

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
  const create = async (Name: string, region: string, IsMultiRegionTrail = false, account = ACCOUNT): Promise<unknown> =>
    await api.client(region, account).send(new CreateTrailCommand({ Name, S3BucketName: "logs", IsMultiRegionTrail }));
  await create("home", "us-east-1");
  await create("multi", "us-east-1", true);
  await create("far", "eu-west-1");
  await create("foreign", "us-east-1", true, OTHER_ACCOUNT);
});
afterAll(() => api.close());

const arn = (name: string, region: string, account = ACCOUNT): string => `arn:aws:cloudtrail:${region}:${account}:trail/${name}`;

test.each<[DescribeTrailsCommandInput, string, string[]]>([
  [{}, "us-east-1", ["home", "multi"]],
  [{ trailNameList: [] }, "us-east-1", ["home", "multi"]],
  [{}, "eu-west-1", ["far", "multi"]],
  [{}, "ap-southeast-2", ["multi"]],
  [{}, "cn-north-1", []],
  [{ includeShadowTrails: false }, "eu-west-1", ["far"]],
  [{ includeShadowTrails: true }, "eu-west-1", ["far", "multi"]],
  [{ trailNameList: ["home"] }, "us-east-1", ["home"]],
  [{ trailNameList: ["home", "nothing", "home"] }, "us-east-1", ["home"]],
  [{ trailNameList: ["home"] }, "eu-west-1", []],
  [{ trailNameList: ["multi"] }, "eu-west-1", []],
  [{ trailNameList: [arn("multi", "us-east-1")] }, "eu-west-1", ["multi"]],
  [{ trailNameList: [arn("multi", "us-east-1")], includeShadowTrails: false }, "eu-west-1", []],
  [{ trailNameList: [arn("home", "us-east-1")] }, "eu-west-1", ["home"]],
  [{ trailNameList: [arn("foreign", "us-east-1", OTHER_ACCOUNT)] }, "us-east-1", []],
])("%j in %s: %j", async (input, region, names) => {
  const { trailList = [] } = await api.client(region).send(new DescribeTrailsCommand(input));
  expect(trailList.map((trail) => trail.Name).toSorted()).toEqual(names);
  for (const trail of trailList) expect(trail.TrailARN).toContain(`:${trail.HomeRegion}:${ACCOUNT}:trail/${trail.Name}`);
});

test.each([
  ["a b", "InvalidTrailNameException"],
  ["arn:aws:cloudtrail:us-east-1", "CloudTrailARNInvalidException"],
  ["arn:aws:s3:::trail/home", "CloudTrailARNInvalidException"],
  [`arn:aws:cloudtrail:us-east-1:${ACCOUNT}:channel/home`, "CloudTrailARNInvalidException"],
  [`arn:aws-cn:cloudtrail:us-east-1:${ACCOUNT}:trail/home`, "CloudTrailARNInvalidException"],
  [`arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/a b`, "CloudTrailARNInvalidException"],
  [`arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/a--b`, "InvalidTrailNameException"],
])("refuses %s", async (name, error) => {
  expect((await failure(api.client().send(new DescribeTrailsCommand({ trailNameList: [name] }))))[0]).toBe(error);
});
