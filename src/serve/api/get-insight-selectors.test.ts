import { CreateTrailCommand, GetInsightSelectorsCommand, type GetInsightSelectorsCommandInput } from "@aws-sdk/client-cloudtrail";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, failure, serveApi, type ServedApi } from "./api.test-support.ts";

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
  await api.client().send(new CreateTrailCommand({ Name: "audit", S3BucketName: "logs" }));
});
afterAll(() => api.close());

const asked = (input: GetInsightSelectorsCommandInput) => failure(api.client().send(new GetInsightSelectorsCommand(input)));
const ARN = `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/audit`;

test.each(["audit", ARN])("%s has no Insights", async (TrailName) => {
  expect((await asked({ TrailName })).slice(0, 2)).toEqual([
    "InsightNotEnabledException",
    "Trail audit does not have Insights enabled. Edit the trail settings to enable Insights, and then try the operation again.",
  ]);
});

test.each<[GetInsightSelectorsCommandInput, string]>([
  [{}, "InvalidParameterException"],
  [{ TrailName: "other" }, "TrailNotFoundException"],
  [{ TrailName: "a b" }, "InvalidTrailNameException"],
  [{ TrailName: "audit", EventDataStore: "EXAMPLE-f852" }, "InvalidParameterCombinationException"],
  [{ EventDataStore: "EXAMPLE-f852" }, "EventDataStoreNotFoundException"],
])("%j: %s", async (input, name) => {
  expect((await asked(input))[0]).toBe(name);
});
