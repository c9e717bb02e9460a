import {
  CreateTrailCommand,
  GetTrailStatusCommand,
  type GetTrailStatusCommandOutput,
  StartLoggingCommand,
  StopLoggingCommand,
} from "@aws-sdk/client-cloudtrail";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TrailStatus } from "../../readers/delivery/trail-status.ts";
import { ACCOUNT, failure, OTHER_ACCOUNT, serveApi, type ServedApi } from "./api.test-support.ts";

const ARN = `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/audit`;

let api: ServedApi;
const delivered = new Map<string, TrailStatus>();
beforeEach(async () => {
  delivered.clear();
  api = await serveApi({
    delivery: {
      status: (_, region) => delivered.get(region) ?? {},
      account: () => ({ recorded: 0, delivered: 0, filtered: 0, pending: 0, expired: 0 }),
    },
  });
  await api.client().send(new CreateTrailCommand({ Name: "audit", S3BucketName: "logs", IsMultiRegionTrail: true }));
});
afterEach(() => api.close());

async function status(region?: string): Promise<Omit<GetTrailStatusCommandOutput, "$metadata">> {
  const { $metadata: _, ...members } = await api.client(region).send(new GetTrailStatusCommand({ Name: ARN }));
  return members;
}

const nothingTried = {
  LatestDeliveryAttemptTime: "",
  LatestDeliveryAttemptSucceeded: "",
  LatestNotificationAttemptTime: "",
  LatestNotificationAttemptSucceeded: "",
};

test("starting and stopping, each once and repeated, by name and ARN", async () => {
  const start = api.now;
  api.journalEnd = 5;
  await api.client().send(new StartLoggingCommand({ Name: "audit" }));
  const started = {
    IsLogging: true,
    StartLoggingTime: new Date(start),
    TimeLoggingStarted: "2026-03-10T12:00:00Z",
    TimeLoggingStopped: "",
    ...nothingTried,
  };
  expect(await status()).toEqual(started);
  api.now += 1500;
  await api.client().send(new StartLoggingCommand({ Name: ARN }));
  expect(await status("eu-west-1")).toEqual(started);

  api.journalEnd = 9;
  await api.client().send(new StopLoggingCommand({ Name: ARN }));
  const stopped = {
    ...started,
    IsLogging: false,
    StopLoggingTime: new Date(start + 1500),
    TimeLoggingStopped: "2026-03-10T12:00:01Z",
  };
  expect(await status()).toEqual(stopped);
  api.now += 1500;
  await api.client().send(new StopLoggingCommand({ Name: "audit" }));
  await api.restart();
  expect(await status()).toEqual(stopped);

  await api.client().send(new StartLoggingCommand({ Name: "audit" }));
  expect(await status()).toMatchObject({
    IsLogging: true,
    TimeLoggingStarted: "2026-03-10T12:00:03Z",
    StopLoggingTime: new Date(start + 1500),
  });
  expect(api.trails.revisions().map(({ after, trail }) => [after, trail.logging])).toEqual([
    [0, false],
    [5, true],
    [9, false],
    [9, true],
  ]);
});

test.each([
  ["StartLogging", (Name: string) => new StartLoggingCommand({ Name })],
  ["StopLogging", (Name: string) => new StopLoggingCommand({ Name })],
])("%s at home only, of the account's own trails", async (_, command) => {
  const refusal = async (name: string, region?: string, account?: string): Promise<readonly [string, string]> =>
    await failure(api.client(region, account).send(command(name) as StartLoggingCommand));
  expect((await refusal("audit", "eu-west-1"))[0]).toBe("InvalidHomeRegionException");
  expect((await refusal(ARN, "eu-west-1"))[0]).toBe("InvalidHomeRegionException");
  expect(await refusal("other")).toEqual([
    "TrailNotFoundException",
    `Unknown trail: ${ARN.replace("audit", "other")} for the user: ${ACCOUNT}`,
  ]);
  expect((await refusal(ARN, "us-east-1", OTHER_ACCOUNT))[0]).toBe("TrailNotFoundException");
  expect((await refusal(""))[0]).toBe("InvalidTrailNameException");
});

test("deliveries of the Region that is asked", async () => {
  const at = (second: number): number => Date.UTC(2026, 2, 10, 12, 0, second, 250);
  delivered.set("eu-west-1", {
    latestDelivery: { time: at(1), attempt: at(2), error: "NoSuchBucket" },
    latestNotification: { attempt: at(3), error: "AuthorizationError" },
    latestCloudWatchLogsDelivery: { time: at(4) },
    latestDigestDelivery: { time: at(5), error: "AccessDenied" },
  });
  expect(await status()).toEqual({ IsLogging: false, ...nothingTried, TimeLoggingStarted: "", TimeLoggingStopped: "" });
  const far = {
    IsLogging: false,
    TimeLoggingStarted: "",
    TimeLoggingStopped: "",
    LatestDeliveryTime: new Date(at(1)),
    LatestDeliveryError: "NoSuchBucket",
    LatestDeliveryAttemptTime: "2026-03-10T12:00:02Z",
    LatestDeliveryAttemptSucceeded: "2026-03-10T12:00:01Z",
    LatestNotificationError: "AuthorizationError",
    LatestNotificationAttemptTime: "2026-03-10T12:00:03Z",
    LatestNotificationAttemptSucceeded: "",
    LatestDigestDeliveryTime: new Date(at(5)),
    LatestDigestDeliveryError: "AccessDenied",
  };
  // Without a log group there is no status of one, whatever was delivered once.
  expect(await status("eu-west-1")).toEqual(far);
});
