import { AwsError } from "../../aws/aws-error.ts";
import { type Arn, parseArn } from "../../aws/arn.ts";
import { partitionOf } from "../../aws/region.ts";
import type { Trail } from "../../account/trails/trail.ts";
import type { TrailKey } from "../../account/trails/trail-store.ts";

/** "CreateTrail" of the CloudTrail API Reference. */
const PREFIX_LENGTH = 200;
const TOPIC_LENGTH = 256;

/** "Amazon S3 bucket naming requirements" of the CloudTrail User Guide. Throws `InvalidS3BucketNameException`. */
export function checkBucketName(name: string | undefined): string {
  if (name === undefined || name === "") throw new AwsError("InvalidS3BucketNameException", "Bucket name cannot be blank!");
  const formed =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !/\.\.|\.-|-\./.test(name) && !/^\d+\.\d+\.\d+\.\d+$/.test(name);
  if (!formed) throw new AwsError("InvalidS3BucketNameException", `Bucket name is not valid: ${name}`);
  return name;
}

/** Undefined where none is given. Throws `InvalidS3PrefixException`. */
export function checkKeyPrefix(prefix: string | undefined): string | undefined {
  if (prefix !== undefined && prefix.length > PREFIX_LENGTH) {
    throw new AwsError("InvalidS3PrefixException", `S3 key prefix is longer than ${PREFIX_LENGTH} characters.`);
  }
  return prefix === "" ? undefined : prefix;
}

/** A standard topic, by name or ARN; both are shown. Throws `InvalidSnsTopicNameException`. */
export function snsTopic(
  given: string | undefined,
  { accountId, homeRegion }: TrailKey,
): Pick<Trail, "snsTopicName" | "snsTopicArn"> {
  if (given === undefined || given === "") return {};
  const arn = given.startsWith("arn:") ? parseArn(given) : undefined;
  const name = arn === undefined ? given : arn.resource;
  const isTopic =
    arn === undefined ? !given.startsWith("arn:") : arn.service === "sns" && arn.region !== "" && arn.accountId !== "";
  // A FIFO topic's name ends in `.fifo`: CloudTrail does not take them.
  if (!isTopic || !/^[A-Za-z0-9_-]+$/.test(name) || name.length > TOPIC_LENGTH) {
    throw new AwsError("InvalidSnsTopicNameException", `SNS topic name is not valid: ${given}`);
  }
  const snsTopicArn = arn === undefined ? `arn:${partitionOf(homeRegion).id}:sns:${homeRegion}:${accountId}:${name}` : given;
  return { snsTopicName: given, snsTopicArn };
}

/**
 * A key as ARN. AWS shows the key behind an alias; who is behind it is KMS's to say, which is not asked before there is
 * delivery, so an alias stays an alias. Throws `InvalidKmsKeyIdException`.
 */
export function kmsKeyArn(given: string | undefined, { accountId, homeRegion }: TrailKey): string | undefined {
  if (given === undefined || given === "") return undefined;
  const home = `arn:${partitionOf(homeRegion).id}:kms:${homeRegion}:${accountId}:`;
  const arn = parseArn(given.startsWith("arn:") ? given : home + (given.startsWith("alias/") ? given : `key/${given}`));
  if (
    arn?.service !== "kms" ||
    arn.region === "" ||
    arn.accountId === "" ||
    !/^(alias\/[\w/-]{1,250}|key\/[\w-]{1,64})$/.test(arn.resource)
  ) {
    throw new AwsError("InvalidKmsKeyIdException", `KMS key ID is not valid: ${given}`);
  }
  return `arn:${arn.partition}:kms:${arn.region}:${arn.accountId}:${arn.resource}`;
}

/**
 * Log group and role belong together. Throws `InvalidCloudWatchLogsLogGroupArnException`,
 * `InvalidCloudWatchLogsRoleArnException`.
 */
export function logsDelivery(
  group = "",
  role = "",
  key: TrailKey,
): Pick<Trail, "cloudWatchLogsLogGroupArn" | "cloudWatchLogsRoleArn"> {
  if (group === "" && role === "") return {};
  if (group === "") throw invalidGroup("CloudWatch Logs log group ARN cannot be blank when a role ARN is given.");
  if (role === "") throw invalidRole("CloudWatch Logs role ARN cannot be blank when a log group ARN is given.");
  if (!isLogGroup(parseArn(group), key)) {
    throw invalidGroup(`Log group ARN must name a log group of this account in ${key.homeRegion} and end in ":*": ${group}`);
  }
  const roleArn = parseArn(role);
  const isRole = roleArn?.service === "iam" && roleArn.accountId === key.accountId && roleArn.resource.startsWith("role/");
  if (!isRole) throw invalidRole(`Role ARN must name a role of this account: ${role}`);
  return { cloudWatchLogsLogGroupArn: group, cloudWatchLogsRoleArn: role };
}

function isLogGroup(arn: Arn | undefined, { accountId, homeRegion }: TrailKey): boolean {
  const home = arn?.service === "logs" && arn.accountId === accountId && arn.region === homeRegion;
  return home && /^log-group:[\w./#-]{1,512}:\*$/.test(arn.resource);
}

function invalidGroup(message: string): AwsError {
  return new AwsError("InvalidCloudWatchLogsLogGroupArnException", message);
}

function invalidRole(message: string): AwsError {
  return new AwsError("InvalidCloudWatchLogsRoleArnException", message);
}
