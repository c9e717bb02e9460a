import { CreateTrailCommand, GetTrailStatusCommand } from "@aws-sdk/client-cloudtrail";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, failure, serveApi, type ServedApi } from "./api.test-support.ts";

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
  await api.client().send(new CreateTrailCommand({ Name: "audit", S3BucketName: "logs" }));
});
afterAll(() => api.close());

test.each(["audit", `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/audit`])("%s has never logged", async (Name) => {
  const { $metadata: _, ...status } = await api.client().send(new GetTrailStatusCommand({ Name }));
  expect(status).toEqual({
    IsLogging: false,
    LatestDeliveryAttemptTime: "",
    LatestNotificationAttemptTime: "",
    LatestNotificationAttemptSucceeded: "",
    LatestDeliveryAttemptSucceeded: "",
    TimeLoggingStarted: "",
    TimeLoggingStopped: "",
  });
});

test("an unknown trail is named by the ARN that it would have", async () => {
  expect(await failure(api.client("eu-west-1").send(new GetTrailStatusCommand({ Name: "audit" })))).toEqual([
    "TrailNotFoundException",
    `Unknown trail: arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/audit for the user: ${ACCOUNT}`,
  ]);
});
