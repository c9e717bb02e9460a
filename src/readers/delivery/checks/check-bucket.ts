import { GetBucketAclCommand, GetBucketPolicyCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Trail } from "../../../account/trails/trail.ts";
import { AwsError } from "../../../aws/aws-error.ts";
import { destinationErrorOf, type DestinationError } from "../destination-error.ts";
import { putLogFile, type PutSettings } from "../put-log-file.ts";
import { missingStatement, type Need } from "./bucket-policy.ts";
import type { DestinationChecksOptions } from "./destination-checks-options.ts";

/** What backends that check signatures say to a key that they do not know. */
const UNKNOWN_KEY: ReadonlySet<string> = new Set(["InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidClientTokenId"]);
/** Statuses of backends that have no such operation. */
const NOT_THERE: readonly number[] = [405, 501];

/**
 * Reads the bucket's ACL and writes the empty object that AWS leaves there, by which a reader sees where files will come; the
 * same for the digests' folder with validation on. Throws `S3BucketDoesNotExistException`, `InsufficientS3BucketPolicyException`.
 */
export async function checkBucket(
  trail: Trail,
  { clients, put, requireBucketPolicy, organizationOf }: DestinationChecksOptions,
  signal: AbortSignal,
): Promise<void> {
  const { s3BucketName: bucket, accountId } = trail;
  const s3 = clients.s3({ accountId, region: trail.homeRegion });
  const organization = trail.isOrganizationTrail ? organizationOf(accountId) : undefined;
  const folders = [`AWSLogs/${accountId}/CloudTrail/`];
  if (trail.logFileValidationEnabled) folders.push(`AWSLogs/${accountId}/CloudTrail-Digest/`);
  if (organization !== undefined) folders.push(`AWSLogs/${organization}/${accountId}/CloudTrail/`);
  const prefix = trail.s3KeyPrefix === undefined ? "" : `${trail.s3KeyPrefix}/`;
  const needs: Need[] = [
    { action: "s3:GetBucketAcl", key: undefined },
    ...folders.map((folder) => ({ action: "s3:PutObject", key: prefix + folder }) as const),
  ];
  for (const need of needs) {
    try {
      await attempt(s3, trail, need, put, signal);
    } catch (error) {
      const answered = destinationErrorOf(error);
      if (need.action === "s3:GetBucketAcl" && answered !== undefined && NOT_THERE.includes(answered.status)) continue;
      if (answered?.code === "NoSuchBucket" || (answered?.status === 404 && need.key === undefined)) {
        throw new AwsError("S3BucketDoesNotExistException", `S3 bucket ${bucket} does not exist!`);
      }
      throw insufficient(trail, answered, await missing(s3, trail, needs, signal));
    }
  }
  if (!requireBucketPolicy) return;
  const lacking = await missing(s3, trail, needs, signal);
  if (lacking !== undefined) throw insufficient(trail, undefined, lacking);
}

async function attempt(s3: S3Client, trail: Trail, { key }: Need, put: PutSettings, abortSignal: AbortSignal): Promise<void> {
  const { s3BucketName: bucket, kmsKeyId } = trail;
  if (key === undefined) await s3.send(new GetBucketAclCommand({ Bucket: bucket }), { abortSignal });
  else await putLogFile(s3, { bucket, key, kmsKeyId }, new Uint8Array(), trail.arn, put, abortSignal);
}

/** What the bucket's policy lacks, for people; undefined where it lacks nothing or cannot be read. */
async function missing(
  s3: S3Client,
  trail: Trail,
  needs: readonly Need[],
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  let policy: string;
  try {
    policy = (await s3.send(new GetBucketPolicyCommand({ Bucket: trail.s3BucketName }), { abortSignal })).Policy ?? "";
  } catch (error) {
    return destinationErrorOf(error)?.code === "NoSuchBucketPolicy" ? "the bucket has no policy" : undefined;
  }
  return missingStatement(policy, trail, needs);
}

function insufficient(
  { s3BucketName, accountId }: Trail,
  answered: DestinationError | undefined,
  lacking: string | undefined,
): AwsError {
  const said = answered === undefined ? undefined : `S3 answered ${answered.code}`;
  const hint =
    answered !== undefined && UNKNOWN_KEY.has(answered.code)
      ? `it must know the key that accounts[].services has for cloudtrail.amazonaws.com in account ${accountId}, or that of delivery.destinations.s3`
      : undefined;
  const reasons = [said, hint, lacking].filter((reason) => reason !== undefined).join("; ");
  const base = `Incorrect S3 bucket policy is detected for bucket: ${s3BucketName}`;
  return new AwsError("InsufficientS3BucketPolicyException", reasons === "" ? base : `${base} (${reasons})`);
}
