import { expect, test } from "vitest";
import { eventLine } from "./event-line.ts";

const RECORD = {
  eventTime: "2026-03-02T09:05:00Z",
  awsRegion: "us-east-1",
  eventSource: "s3.amazonaws.com",
  eventName: "CreateBucket",
  sourceIPAddress: "192.0.2.7",
};

test.each([
  [
    "a role's session",
    { type: "AssumedRole", arn: "arn:aws:sts::123456789012:assumed-role/Deployer/ci" },
    "assumed-role/Deployer/ci",
  ],
  ["a service", { type: "AWSService", invokedBy: "cloudformation.amazonaws.com" }, "cloudformation.amazonaws.com"],
  ["a key that nobody knows", { type: "Unknown", accessKeyId: "AKIAEXAMPLE" }, "AKIAEXAMPLE"],
  ["nobody", undefined, "-"],
])("when, where, what, who: %s", (_name, userIdentity, who) => {
  const line = eventLine({ ...RECORD, ...(userIdentity && { userIdentity }) });
  expect(line.split(/ {2,}/)).toEqual(["2026-03-02T09:05:00Z", "us-east-1", "s3:CreateBucket", who, "192.0.2.7"]);
});

test("an error stands at the end", () => {
  expect(eventLine({ ...RECORD, errorCode: "AccessDenied" })).toMatch(/192\.0\.2\.7 {2}! AccessDenied$/);
});

test("what a stranger sent cannot steer the terminal", () => {
  const line = eventLine({ ...RECORD, eventName: "\u001b[2J\u009b1m", sourceIPAddress: "\u202e1.2\n3.4\u2066" });
  expect(line).toContain("s3:\\x1b[2J\\x9b1m");
  expect(line).toContain("\\u202e1.2\\x0a3.4\\u2066");
});
