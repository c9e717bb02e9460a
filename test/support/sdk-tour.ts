import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, type GetCallerIdentityCommandOutput, STSClient } from "@aws-sdk/client-sts";
import { expect } from "vitest";
import { until } from "./opentrail-process.ts";

export interface SdkSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
}

/** The AWS SDK for JavaScript v3 does what an application does in its first minutes; every answer is what AWS's would be. */
export async function sdkTour(settings: SdkSettings): Promise<GetCallerIdentityCommandOutput> {
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "audit-me" }));
  await s3.send(new PutObjectCommand({ Bucket: "audit-me", Key: "a/ä b.txt", Body: "hello" }));
  const got = await s3.send(new GetObjectCommand({ Bucket: "audit-me", Key: "a/ä b.txt" }));
  expect(await got.Body?.transformToString()).toBe("hello");

  const dynamodb = new DynamoDBClient(settings);
  await dynamodb.send(
    new CreateTableCommand({
      TableName: "orders",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
  await until(
    async () =>
      await dynamodb.send(new PutItemCommand({ TableName: "orders", Item: { id: { S: "1" } } })).then(
        () => true,
        () => undefined,
      ),
    "the table to be there",
  );
  const item = await dynamodb.send(new GetItemCommand({ TableName: "orders", Key: { id: { S: "1" } } }));
  expect(item.Item).toEqual({ id: { S: "1" } });

  const sqs = new SQSClient(settings);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "jobs" }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "work" }));
  const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
  expect(received.Messages?.[0]?.Body).toBe("work");

  await new SNSClient(settings).send(new CreateTopicCommand({ Name: "news" }));
  return await new STSClient(settings).send(new GetCallerIdentityCommand({}));
}
