import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { afterEach, expect, test } from "vitest";
import type { ApiCall } from "../../event/api-call.ts";
import { type Bench, closeBenches, startBench } from "./gateway-bench.test-support.ts";

afterEach(closeBenches);

/** What AWS's own SDK sends is recognised and read; what the peer answers does not matter here. */
async function recorded(bench: Bench, send: (client: ReturnType<typeof clients>) => Promise<unknown>): Promise<ApiCall> {
  const all = clients(bench);
  await send(all).catch(() => {});
  for (const client of Object.values(all)) client.destroy();
  expect(bench.recorder.calls).toHaveLength(1);
  return bench.recorder.calls[0]!;
}

function clients({ gateway }: Bench) {
  const config = {
    endpoint: gateway.address,
    region: "eu-west-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "token" },
    maxAttempts: 1,
  };
  return {
    cloudtrail: new CloudTrailClient(config),
    dynamodb: new DynamoDBClient(config),
    iam: new IAMClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    sns: new SNSClient(config),
    sqs: new SQSClient(config),
    sts: new STSClient(config),
  };
}

const peer = (message: IncomingMessage, response: ServerResponse): void => void message.resume().on("end", () => response.end());

test.each<[string, (client: ReturnType<typeof clients>) => Promise<unknown>, Partial<ApiCall>]>([
  [
    "json",
    ({ cloudtrail }) => cloudtrail.send(new LookupEventsCommand({ MaxResults: 5 })),
    { serviceId: "cloudtrail", operationName: "LookupEvents", input: { MaxResults: 5 } },
  ],
  [
    "json 1.0",
    ({ dynamodb }) => dynamodb.send(new PutItemCommand({ TableName: "t", Item: { a: { S: "b" } } })),
    { serviceId: "dynamodb", operationName: "PutItem", input: { TableName: "t", Item: { a: { S: "b" } } } },
  ],
  [
    "query",
    ({ iam }) => iam.send(new CreateUserCommand({ UserName: "ada", Path: "/x/" })),
    { serviceId: "iam", operationName: "CreateUser", input: { UserName: "ada", Path: "/x/" } },
  ],
  [
    "query sns",
    ({ sns }) => sns.send(new PublishCommand({ TopicArn: "a", Message: "m" })),
    { serviceId: "sns", operationName: "Publish" },
  ],
  [
    "sqs",
    ({ sqs }) => sqs.send(new SendMessageCommand({ QueueUrl: "http://q/1/q", MessageBody: "m" })),
    { serviceId: "sqs", operationName: "SendMessage" },
  ],
  [
    "unsigned query",
    ({ sts }) =>
      sts.send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: "arn:aws:iam::111122223333:role/r",
          RoleSessionName: "s",
          WebIdentityToken: "t.t.t",
        }),
      ),
    { serviceId: "sts", operationName: "AssumeRoleWithWebIdentity", signature: { version: undefined, method: "none" } },
  ],
  [
    "get object",
    ({ s3 }) => s3.send(new GetObjectCommand({ Bucket: "b", Key: "a b/ü" })),
    { serviceId: "s3", operationName: "GetObject" },
  ],
  [
    "upload part",
    ({ s3 }) => s3.send(new UploadPartCommand({ Bucket: "b", Key: "k", PartNumber: 1, UploadId: "u", Body: "data" })),
    { operationName: "UploadPart" },
  ],
])("%s", async (_name, send, expected) => {
  const bench = await startBench({ peer });
  const call = await recorded(bench, send);
  expect(call).toMatchObject(expected);
  if (call.signature.version === undefined) {
    expect(call.region).toBe("us-east-1");
  } else {
    expect(call.region).toBe("eu-west-1");
    expect(call.caller).toMatchObject({ accessKeyId: "AKIDEXAMPLE" });
  }
  if (call.operationName === "GetObject") expect(call.request.s3).toEqual({ bucket: "b", key: "a b/ü" });
});

test("an upload of unknown length comes in chunks with a checksum behind them", async () => {
  const bench = await startBench({ peer });
  const data = Buffer.alloc(200_000, "d");
  const call = await recorded(bench, ({ s3 }) =>
    s3.send(
      new PutObjectCommand({
        Bucket: "b",
        Key: "k",
        Body: Readable.from([data.subarray(0, 70_000), data.subarray(70_000)]),
        ContentLength: data.length,
      }),
    ),
  );
  expect(call.operationName).toBe("PutObject");
  expect(call.request.headers.get("x-amz-decoded-content-length")).toBe(String(data.length));
  expect(call.request.bodyBytes).toBeGreaterThan(data.length);
  expect(call.request.headers.get("x-amz-checksum-crc32")).toMatch(/^[A-Za-z0-9+/]{6}==$/);
});

test("XML that changes a bucket is captured without framing", async () => {
  const tagging = await startBench({ peer });
  const call = await recorded(tagging, ({ s3 }) =>
    s3.send(new PutBucketTaggingCommand({ Bucket: "b", Tagging: { TagSet: [{ Key: "a", Value: "b" }] } })),
  );
  expect(call.operationName).toBe("PutBucketTagging");
  expect(Buffer.from(call.request.body ?? []).toString()).toMatch(/<Tagging[^>]*><TagSet><Tag><Key>a<\/Key>/);
  const deletion = await startBench({ peer });
  const deleted = await recorded(deletion, ({ s3 }) =>
    s3.send(new DeleteObjectsCommand({ Bucket: "b", Delete: { Objects: [{ Key: "k" }] } })),
  );
  expect(Buffer.from(deleted.request.body ?? []).toString()).toMatch(/<Key>k<\/Key>/);
});
