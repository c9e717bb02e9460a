import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { KMSClient } from "@aws-sdk/client-kms";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SNSClient } from "@aws-sdk/client-sns";

/**
 * AWS clients by which OpenTrail reaches the destinations of trails, as `cloudtrail.amazonaws.com`: what they do before the
 * backend is recorded as AWS records it. Each is made once for an account and Region and kept; whoever asks MUST NOT destroy it.
 * They do not retry: their users do. Every call MUST be given an `abortSignal`.
 */
export interface DestinationClients {
  s3(place: ClientPlace): S3Client;
  sns(place: ClientPlace): SNSClient;
  logs(place: ClientPlace): CloudWatchLogsClient;
  events(place: ClientPlace): EventBridgeClient;
  kms(place: ClientPlace): KMSClient;
}

export interface ClientPlace {
  /** The account in whose name the destination is used: the trail's. */
  readonly accountId: string;
  readonly region: string;
}
