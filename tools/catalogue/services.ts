import type { Protocol } from "../../src/aws/protocol.ts";
import type { ServiceModel } from "./service-model.ts";
import { cloudtrailData } from "./cloudtrail-data.ts";

/** Where one service of the catalogue comes from, and what its SDK client does not say. */
export interface ServiceSource {
  /** The suffix of `@aws-sdk/client-…`, unless `model` says otherwise. */
  readonly id: string;
  /** Prefix of the service's actions in IAM policies where it is not the signing name. */
  readonly iamPrefix?: string;
  /** Names that signatures carry for some of the service's endpoints, besides its own. */
  readonly alsoSignedAs?: readonly string[];
  /** What other SDKs put before the last dot of `X-Amz-Target`. */
  readonly alsoTargetedAs?: readonly string[];
  /** Of answers in a protocol that the SDK does not speak to the service. */
  readonly xmlNamespace?: string;
  /** Protocols that the service's model lists after the one that the JavaScript SDK speaks. */
  readonly otherProtocols?: readonly Protocol[];
  /** Written by hand for services without a client. */
  readonly model?: ServiceModel;
}

/** Every service of the catalogue. A new one is a line here and a dependency in package.json. */
export const services: readonly ServiceSource[] = [
  { id: "account" },
  { id: "acm" },
  { id: "api-gateway" },
  { id: "apigatewayv2" },
  { id: "application-auto-scaling" },
  { id: "athena" },
  { id: "auto-scaling" },
  { id: "backup" },
  { id: "batch" },
  { id: "bedrock" },
  { id: "bedrock-runtime" },
  { id: "cloudformation" },
  { id: "cloudfront" },
  // botocore, and so the AWS CLI, writes the whole name of a Java class; the other SDKs only its end.
  { id: "cloudtrail", alsoTargetedAs: ["com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"] },
  { id: "cloudtrail-data", model: cloudtrailData },
  // botocore's model lists smithy-rpc-v2-cbor, json and query; the JavaScript SDK speaks json only.
  { id: "cloudwatch", iamPrefix: "cloudwatch", otherProtocols: ["awsQuery", "rpcv2Cbor"] },
  { id: "cloudwatch-logs" },
  { id: "codebuild" },
  { id: "codecommit" },
  { id: "codepipeline" },
  { id: "cognito-identity" },
  { id: "cognito-identity-provider" },
  { id: "config-service" },
  { id: "dynamodb" },
  { id: "dynamodb-streams" },
  { id: "ec2" },
  { id: "ecr" },
  { id: "ecs" },
  { id: "efs" },
  { id: "eks" },
  { id: "elastic-load-balancing" },
  { id: "elastic-load-balancing-v2" },
  { id: "elasticache" },
  { id: "elasticsearch-service" },
  { id: "eventbridge" },
  { id: "firehose" },
  { id: "glue" },
  { id: "guardduty" },
  { id: "iam" },
  { id: "identitystore" },
  { id: "inspector2" },
  { id: "kinesis" },
  { id: "kms" },
  { id: "lambda" },
  { id: "macie2" },
  { id: "mq" },
  { id: "opensearch" },
  { id: "organizations" },
  { id: "rds" },
  { id: "rds-data" },
  { id: "redshift" },
  { id: "redshift-data" },
  { id: "resource-groups-tagging-api", iamPrefix: "tag" },
  { id: "route-53" },
  // The endpoint rules of both clients sign for directory buckets, Object Lambda and Outposts under names of their own.
  { id: "s3", alsoSignedAs: ["s3-object-lambda", "s3-outposts", "s3express"] },
  { id: "s3-control", alsoSignedAs: ["s3-outposts", "s3express"] },
  { id: "sagemaker" },
  { id: "sagemaker-runtime" },
  { id: "scheduler" },
  { id: "secrets-manager" },
  { id: "securityhub" },
  { id: "service-quotas" },
  { id: "ses" },
  { id: "sesv2" },
  { id: "sfn" },
  { id: "sns" },
  // SDKs older than November 2023 speak the query protocol, and SQS still answers it ("Amazon SQS AWS JSON protocol FAQs" in
  // the developer guide). The namespace is that of botocore's model of those days.
  { id: "sqs", otherProtocols: ["awsQuery"], xmlNamespace: "http://queue.amazonaws.com/doc/2012-11-05/" },
  { id: "ssm" },
  { id: "sso", iamPrefix: "sso" },
  { id: "sso-admin" },
  { id: "sso-oidc" },
  { id: "sts" },
  { id: "timestream-write" },
  { id: "transcribe" },
  { id: "wafv2" },
  { id: "xray" },
];
