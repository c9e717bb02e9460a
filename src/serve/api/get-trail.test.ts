import { CreateTrailCommand, GetTrailCommand } from "@aws-sdk/client-cloudtrail";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, failure, OTHER_ACCOUNT, serveApi, type ServedApi } from "./api.test-support.ts";

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
  await api.client().send(new CreateTrailCommand({ Name: "multi", S3BucketName: "logs", IsMultiRegionTrail: true }));
});
afterAll(() => api.close());

const ARN = `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/multi`;

test("by name at home, by ARN anywhere", async () => {
  const get = async (Name: string, region?: string): Promise<unknown> =>
    (await api.client(region).send(new GetTrailCommand({ Name }))).Trail;
  const trail = await get("multi");
  expect(trail).toEqual({
    Name: "multi",
    S3BucketName: "logs",
    IncludeGlobalServiceEvents: true,
    IsMultiRegionTrail: true,
    HomeRegion: "us-east-1",
    TrailARN: ARN,
    LogFileValidationEnabled: false,
    HasCustomEventSelectors: false,
    HasInsightSelectors: false,
    IsOrganizationTrail: false,
    RecursiveLogging: true,
  });
  expect(await get(ARN)).toEqual(trail);
  expect(await get(ARN, "eu-west-1")).toEqual(trail);
});

test("unknown ones, with what was given in the message", async () => {
  const refusal = async (Name: string | undefined, region?: string, account?: string): Promise<readonly string[]> =>
    await failure(api.client(region, account).send(new GetTrailCommand({ Name })));
  const unknown = (name: string, account = ACCOUNT): string[] => [
    "TrailNotFoundException",
    `Unknown trail: ${name} for the user: ${account}`,
  ];
  expect(await refusal("other")).toEqual(unknown("other"));
  expect(await refusal("multi", "eu-west-1")).toEqual(unknown("multi"));
  expect(await refusal(`${ARN}x`)).toEqual(unknown(`${ARN}x`));
  expect(await refusal(ARN, "us-east-1", OTHER_ACCOUNT)).toEqual(unknown(ARN, OTHER_ACCOUNT));
  expect(await refusal(undefined)).toEqual(["InvalidTrailNameException", "Trail name cannot be blank!"]);
});
