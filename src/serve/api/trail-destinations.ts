import { AwsError } from "../../aws/aws-error.ts";
import { type Arn, parseArn } from "../../aws/arn.ts";
import { partitionOf } from "../../aws/region.ts";
import type { Trail } from "../../account/trails/trail.ts";
import type { TrailKey } from "../../account/trails/trail-store.ts";
import type { ApiRequest } from "./api-operation.ts";

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
  // A line break in a key would let two digest files share a signature; steps like ".." lead elsewhere where paths are simplified.
  if (prefix !== undefined && (/\p{Cc}|(?:^|\/)\.\.?(?:\/|$)/u.test(prefix) || !prefix.isWellFormed())) {
    throw new AwsError("InvalidS3PrefixException", `S3 key prefix is not valid: ${JSON.stringify(prefix)}`);
  }
  return prefix === "" ? undefined : prefix;
}

/** Whoever names a topic or a key by less than its ARN means one of the own account, in the Region of the call. */
type Caller = Pick<ApiRequest, "accountId" | "region">;

/** A standard topic, by name or ARN; both are shown. Throws `InvalidSnsTopicNameException`. */
export function snsTopic(given: string | undefined, { accountId, region }: Caller): Pick<Trail, "snsTopicName" | "snsTopicArn"> {
  if (given === undefined || given === "") return {};
  const arn = given.startsWith("arn:") ? parseArn(given) : undefined;
  const name = arn === undefined ? given : arn.resource;
  const isTopic =
    arn === undefined ? !given.startsWith("arn:") : arn.service === "sns" && arn.region !== "" && arn.accountId !== "";
  // A FIFO topic's name ends in `.fifo`: CloudTrail does not take them.
  if (!isTopic || !/^[A-Za-z0-9_-]+$/.test(name) || name.length > TOPIC_LENGTH) {
    throw new AwsError("InvalidSnsTopicNameException", `SNS topic name is not valid: ${given}`);
  }
  const snsTopicArn = arn === undefined ? `arn:${partitionOf(region).id}:sns:${region}:${accountId}:${name}` : given;
  return { snsTopicName: given, snsTopicArn };
}

/** A key, or an alias, as ARN: the checks of the destinations find out which key an alias names. Throws `InvalidKmsKeyIdException`. */
export function kmsKeyArn(given: string | undefined, { accountId, region }: Caller): string | undefined {
  if (given === undefined || given === "") return undefined;
  const home = `arn:${partitionOf(region).id}:kms:${region}:${accountId}:`;
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
 * Log group and role belong together: "" for one takes both away, unless the other is there. Both are the trail's account's, or
 * the caller's, who may be a delegated administrator. Throws `InvalidCloudWatchLogsLogGroupArnException`,
 * `InvalidCloudWatchLogsRoleArnException`.
 */
export function logsDelivery(
  group: string | undefined,
  role: string | undefined,
  { accountId, homeRegion }: TrailKey,
  caller: string,
): Pick<Trail, "cloudWatchLogsLogGroupArn" | "cloudWatchLogsRoleArn"> {
  const [groupText, roleText] = [group ?? "", role ?? ""];
  if (groupText === "" && roleText === "") return {};
  if (groupText === "") throw invalidGroup("You must specify a log group as well as a role ARN.");
  if (roleText === "") throw invalidRole("You must specify a role ARN as well as a log group.");
  const groupArn = parseArn(groupText);
  const isOurs = (arn: Arn): boolean => arn.accountId === accountId || arn.accountId === caller;
  const isGroup = groupArn?.service === "logs" && isOurs(groupArn) && groupArn.region === homeRegion;
  if (!isGroup || !/^log-group:[\w./#-]{1,512}:\*$/.test(groupArn.resource)) {
    throw invalidGroup(
      `Check the log group ARN: CloudTrail can't validate it. It must name a log group of this account in ${homeRegion} and end in ":*": ${groupText}`,
    );
  }
  const roleArn = parseArn(roleText);
  const isRole = roleArn?.service === "iam" && isOurs(roleArn) && roleArn.resource.startsWith("role/");
  if (!isRole)
    throw invalidRole(`Check the role ARN: CloudTrail can't validate it. It must name a role of this account: ${roleText}`);
  return { cloudWatchLogsLogGroupArn: groupText, cloudWatchLogsRoleArn: roleText };
}

function invalidGroup(message: string): AwsError {
  return new AwsError("InvalidCloudWatchLogsLogGroupArnException", message);
}

function invalidRole(message: string): AwsError {
  return new AwsError("InvalidCloudWatchLogsRoleArnException", message);
}
