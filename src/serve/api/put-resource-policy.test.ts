import { DeleteResourcePolicyCommand, GetResourcePolicyCommand, PutResourcePolicyCommand } from "@aws-sdk/client-cloudtrail";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, failure, OTHER_ACCOUNT, serveApi, type ServedApi } from "./api.test-support.ts";

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

const arn = (resource: string, account = ACCOUNT): string => `arn:aws:cloudtrail:us-east-1:${account}:${resource}`;
const POLICY = '{"Version":"2012-10-17","Statement":[]}';

test.each([
  [arn("trail/audit"), "ResourceTypeNotSupportedException"],
  ["arn:aws:s3:::bucket", "ResourceTypeNotSupportedException"],
  ["audit", "ResourceARNNotValidException"],
  [arn("channel/0123456789", OTHER_ACCOUNT), "ResourceARNNotValidException"],
  [arn("channel/0123456789"), "ResourceNotFoundException"],
  [arn("eventdatastore/EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE"), "ResourceNotFoundException"],
  [arn("dashboard/board"), "ResourceNotFoundException"],
])("%s: %s", async (ResourceArn, name) => {
  const client = api.client();
  expect((await failure(client.send(new GetResourcePolicyCommand({ ResourceArn }))))[0]).toBe(name);
  expect((await failure(client.send(new DeleteResourcePolicyCommand({ ResourceArn }))))[0]).toBe(name);
  expect((await failure(client.send(new PutResourcePolicyCommand({ ResourceArn, ResourcePolicy: POLICY }))))[0]).toBe(name);
});

test.each(["", "{", "[]", '"x"', "{}", "x".repeat(8193)])("policy %s is not valid", async (ResourcePolicy) => {
  const call = api.client().send(new PutResourcePolicyCommand({ ResourceArn: arn("channel/0123456789"), ResourcePolicy }));
  expect((await failure(call))[0]).toBe("ResourcePolicyNotValidException");
});
