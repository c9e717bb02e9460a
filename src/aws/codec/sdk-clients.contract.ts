import * as cloudtrail from "@aws-sdk/client-cloudtrail";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as iam from "@aws-sdk/client-iam";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as sts from "@aws-sdk/client-sts";
import type { Operation } from "../catalogue/model.ts";
import type { CapturingHandler } from "./sdk-wire.contract.ts";

type Module = Readonly<Record<string, unknown>>;

/** Clients by catalogue id: JSON, query and REST XML are among them. */
const MODULES: Readonly<Record<string, readonly [module: Module, client: string]>> = {
  cloudtrail: [cloudtrail as Module, "CloudTrailClient"],
  dynamodb: [dynamodb as Module, "DynamoDBClient"],
  iam: [iam as Module, "IAMClient"],
  s3: [s3 as Module, "S3Client"],
  sns: [sns as Module, "SNSClient"],
  sqs: [sqs as Module, "SQSClient"],
  sts: [sts as Module, "STSClient"],
};

export const sdkServices: readonly string[] = Object.keys(MODULES);

/** Has the SDK call `operation` through `handler`; `config` goes over the defaults. */
export function sdkSend(operation: Operation, handler: CapturingHandler, input: object, config: object = {}): Promise<unknown> {
  const [module, name] = MODULES[operation.service.id] ?? [];
  const Client = module?.[name ?? ""] as new (config: object) => { send(command: object): Promise<unknown> };
  const Command = module?.[`${operation.name}Command`] as new (input: object) => object;
  const client = new Client({
    region: "us-east-1",
    endpoint: "http://localhost:4580",
    credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "none" },
    maxAttempts: 1,
    forcePathStyle: true,
    requestHandler: handler,
    ...config,
  });
  return client.send(new Command(input));
}
