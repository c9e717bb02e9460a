import { CreateTrailCommand, ListTrailsCommand } from "@aws-sdk/client-cloudtrail";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, failure, OTHER_ACCOUNT, serveApi, type ServedApi } from "./api.test-support.ts";

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

test("the account's trails of all Regions, each with its home", async () => {
  for (const region of ["us-east-1", "eu-west-1"]) {
    await api.client(region).send(new CreateTrailCommand({ Name: "same", S3BucketName: "logs" }));
  }
  const list = async (account?: string): Promise<unknown> =>
    (await api.client("us-west-2", account).send(new ListTrailsCommand({}))).Trails;
  const entry = (region: string): object => ({
    TrailARN: `arn:aws:cloudtrail:${region}:${ACCOUNT}:trail/same`,
    Name: "same",
    HomeRegion: region,
  });
  expect(await list()).toEqual([entry("eu-west-1"), entry("us-east-1")]);
  expect(await list(OTHER_ACCOUNT)).toEqual([]);
});

test("no token was ever given out", async () => {
  expect((await failure(api.client().send(new ListTrailsCommand({ NextToken: "x" }))))[0]).toBe("InvalidNextTokenException");
});
