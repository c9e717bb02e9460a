import { CloudTrailClient, CreateTrailCommand, DescribeTrailsCommand, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { CreateQueueCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { createServer, type AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { MessageReader, methodOf } from "../support/message-reader.ts";

/**
 * What the AWS SDK really sends, each request in bytes: caught on a socket, then freed of what differs from run to run (times,
 * ids, signatures, ports), so that a seed brings the same bytes back.
 */
export async function realRequests(): Promise<readonly Buffer[]> {
  const caught: Buffer[] = [];
  const server = createServer((socket) => {
    let bytes = Buffer.alloc(0);
    const reader = new MessageReader({
      of: "requests",
      onHead: ({ headers }) => {
        if (headers.has("expect")) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      },
      onMessage: (message) => {
        caught.push(settled(bytes));
        bytes = Buffer.alloc(0);
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${methodOf(message) === "HEAD" ? 3 : 0}\r\n\r\n`);
      },
    });
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      // A client that has one request under way at a time sends whole requests.
      bytes = Buffer.concat([bytes, chunk]);
      reader.push(chunk);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    await tour(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
  return caught;
}

async function tour(endpoint: string): Promise<void> {
  const options = {
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret", sessionToken: "token" },
    maxAttempts: 1,
  };
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const dynamodb = new DynamoDBClient(options);
  const iam = new IAMClient(options);
  const sts = new STSClient(options);
  const sqs = new SQSClient({ ...options, useQueueUrlAsEndpoint: false });
  const sns = new SNSClient(options);
  const cloudtrail = new CloudTrailClient(options);
  const item = { id: { S: "1" }, list: { L: [{ N: "1" }, { BOOL: true }] } };
  const calls: readonly (() => Promise<unknown>)[] = [
    () => s3.send(new CreateBucketCommand({ Bucket: "bucket" })),
    () => s3.send(new PutObjectCommand({ Bucket: "bucket", Key: "a/b c", Body: "hello", Metadata: { one: "two" } })),
    () =>
      s3.send(
        new PutObjectCommand({
          Bucket: "bucket",
          Key: "stream",
          Body: Readable.from([Buffer.alloc(9000, "x")]),
          ContentLength: 9000,
        }),
      ),
    () => s3.send(new GetObjectCommand({ Bucket: "bucket", Key: "ü", Range: "bytes=0-9" })),
    () => s3.send(new HeadObjectCommand({ Bucket: "bucket", Key: "key" })),
    () => s3.send(new ListObjectsV2Command({ Bucket: "bucket", Prefix: "a/" })),
    () => s3.send(new DeleteObjectsCommand({ Bucket: "bucket", Delete: { Objects: [{ Key: "one" }, { Key: "two" }] } })),
    () => s3.send(new CopyObjectCommand({ Bucket: "bucket", Key: "copy", CopySource: "bucket/key" })),
    () => s3.send(new PutBucketTaggingCommand({ Bucket: "bucket", Tagging: { TagSet: [{ Key: "k", Value: "v" }] } })),
    () =>
      s3.send(
        new CompleteMultipartUploadCommand({
          Bucket: "bucket",
          Key: "big",
          UploadId: "u",
          MultipartUpload: { Parts: [{ ETag: "e", PartNumber: 1 }] },
        }),
      ),
    () => dynamodb.send(new PutItemCommand({ TableName: "table", Item: item })),
    () => dynamodb.send(new GetItemCommand({ TableName: "table", Key: { id: { S: "1" } } })),
    () => dynamodb.send(new BatchWriteItemCommand({ RequestItems: { table: [{ PutRequest: { Item: item } }] } })),
    () =>
      dynamodb.send(
        new CreateTableCommand({
          TableName: "t",
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          BillingMode: "PAY_PER_REQUEST",
        }),
      ),
    () => iam.send(new CreateUserCommand({ UserName: "alice", Tags: [{ Key: "a", Value: "b" }] })),
    () => iam.send(new CreateAccessKeyCommand({ UserName: "alice" })),
    () => iam.send(new PutUserPolicyCommand({ UserName: "alice", PolicyName: "p", PolicyDocument: '{"Version":"2012-10-17"}' })),
    () => sts.send(new GetCallerIdentityCommand({})),
    () => sts.send(new AssumeRoleCommand({ RoleArn: "arn:aws:iam::111122223333:role/r", RoleSessionName: "s" })),
    () => sqs.send(new CreateQueueCommand({ QueueName: "queue" })),
    () =>
      sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: "http://localhost:4580/000000000000/queue",
          Entries: [{ Id: "1", MessageBody: "m" }],
        }),
      ),
    () => sns.send(new CreateTopicCommand({ Name: "topic" })),
    () => sns.send(new PublishCommand({ TopicArn: "arn:aws:sns:us-east-1:000000000000:topic", Message: "m" })),
    () => cloudtrail.send(new LookupEventsCommand({ MaxResults: 5 })),
    () => cloudtrail.send(new DescribeTrailsCommand({})),
    () => cloudtrail.send(new CreateTrailCommand({ Name: "trail", S3BucketName: "bucket" })),
  ];
  // The answers are nothing that the clients can read; it is the requests that count.
  for (const each of calls) await each().catch(() => {});
  for (const client of [s3, dynamodb, iam, sts, sqs, sns, cloudtrail]) client.destroy();
}

function settled(bytes: Buffer): Buffer {
  const text = bytes
    .toString("latin1")
    .replace(/\b20\d{6}T\d{6}Z\b/g, "20260302T000000Z")
    .replace(/\b20\d{6}(?=\/us-east-1\/)/g, "20260302")
    .replace(/(Signature=|signature[=:])[0-9a-f]{64}/g, `$1${"0".repeat(64)}`)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "00000000-0000-4000-8000-000000000000")
    .replace(/^host: 127\.0\.0\.1:\d+/gim, "host: 127.0.0.1:4580");
  return Buffer.from(text, "latin1");
}
