import { CreateTrailCommand, DeleteTrailCommand, DescribeTrailsCommand } from "@aws-sdk/client-cloudtrail";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ACCOUNT, failure, OTHER_ACCOUNT, serveApi, type ServedApi } from "./api.test-support.ts";

let api: ServedApi;
beforeEach(async () => {
  api = await serveApi();
  await api.client().send(new CreateTrailCommand({ Name: "multi", S3BucketName: "logs", IsMultiRegionTrail: true }));
  await api.client().send(new CreateTrailCommand({ Name: "single", S3BucketName: "logs" }));
});
afterEach(() => api.close());

const arn = (name: string): string => `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/${name}`;

async function refusal(Name: string, region?: string, account?: string): Promise<string> {
  return (await failure(api.client(region, account).send(new DeleteTrailCommand({ Name }))))[0];
}

test.each(["multi", arn("multi")])("%s: once, and the name is free again", async (name) => {
  expect(await refusal(name)).toBe("");
  expect(await refusal(name)).toBe("TrailNotFoundException");
  const { trailList } = await api.client().send(new DescribeTrailsCommand({}));
  expect(trailList?.map((trail) => trail.Name)).toEqual(["single"]);
  await api.client("eu-west-1").send(new CreateTrailCommand({ Name: "multi", S3BucketName: "logs" }));
});

test.each([
  ["multi", "InvalidHomeRegionException"],
  [arn("multi"), "InvalidHomeRegionException"],
  [arn("single"), "InvalidHomeRegionException"],
  ["single", "TrailNotFoundException"],
])("%s from another Region: %s", async (name, error) => {
  expect(await refusal(name, "eu-west-1")).toBe(error);
  expect(await api.trails.list(ACCOUNT)).toHaveLength(2);
});

test("another account's trail is unknown", async () => {
  expect(await refusal(arn("multi"), "us-east-1", OTHER_ACCOUNT)).toBe("TrailNotFoundException");
  expect(await refusal("multi", "us-east-1", OTHER_ACCOUNT)).toBe("TrailNotFoundException");
  expect(await api.trails.list(ACCOUNT)).toHaveLength(2);
});
