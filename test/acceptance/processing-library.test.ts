import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from "@aws-sdk/client-cloudtrail";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CloudTrailRecord, type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { javaLibraries, peer, run } from "../support/peers.ts";
import { variedCalls } from "./scripts/varied-calls.ts";

const REGION = "us-east-1";
const ACCOUNT = "123456789012";
const BUCKET = "trail-logs";
const java = peer("java");
const jars = javaLibraries("aws-cloudtrail-processing-library");
const aws = peer("aws");
/** The Python that the AWS CLI was installed with has boto3 beside it. */
const python = aws === undefined ? undefined : ["python3", "python"].map((name) => join(aws, "..", name)).find(existsSync);
const scripts = join(import.meta.dirname, "scripts");
