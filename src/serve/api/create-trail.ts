import { AwsError } from "../../aws/aws-error.ts";
import type { Trail } from "../../account/trails/trail.ts";
import { TrailExists } from "../../account/trails/trail-store.ts";
import type { ApiOperation, ApiRequest } from "./api-operation.ts";
import type { Input } from "./input.ts";
import { checkBucketName, checkKeyPrefix, kmsKeyArn, logsDelivery, snsTopic } from "./trail-destinations.ts";
import { trailAccess } from "./trail-access.ts";
import { checkTrailName } from "./trail-name.ts";
import { createdTrail } from "./trail-output.ts";
import { appearsIn, trailArn } from "./trail-reference.ts";
import { tagsOf } from "./trail-tags.ts";

/** "Quotas in AWS CloudTrail": a multi-Region trail counts in every Region. */
const TRAILS_PER_REGION = 5;

/**
 * A new trail, with logging off. Destinations are checked for their form alone: this version delivers nothing, so it neither
 * looks for the bucket, topic, key or log group nor leaves AWS's test object and message there.
 */
export const createTrail: ApiOperation = {
  name: "CreateTrail",
  access: async (input, call) =>
    await trailAccess(checkTrailName(input.text("Name")), call, tagsOf(input.structures("TagsList") ?? [])),
  async handle(input, call) {
    const trail = trailOf(input, call);
    try {
      await call.trails.add(trail, (existing) => permit(trail, existing));
    } catch (error) {
      if (error instanceof TrailExists) throw alreadyExists(trail);
      throw error;
    }
    return createdTrail(trail);
  },
};

function trailOf(input: Input, call: ApiRequest): Trail {
  const key = { accountId: call.accountId, homeRegion: call.region, name: checkTrailName(input.text("Name")) };
  const s3KeyPrefix = checkKeyPrefix(input.text("S3KeyPrefix"));
  const kmsKeyId = kmsKeyArn(input.text("KmsKeyId"), key);
  const trail: Trail = {
    ...key,
    arn: trailArn(key),
    s3BucketName: checkBucketName(input.text("S3BucketName")),
    ...(s3KeyPrefix !== undefined && { s3KeyPrefix }),
    ...snsTopic(input.text("SnsTopicName"), key),
    includeGlobalServiceEvents: input.flag("IncludeGlobalServiceEvents") ?? true,
    isMultiRegionTrail: input.flag("IsMultiRegionTrail") ?? false,
    logFileValidationEnabled: input.flag("EnableLogFileValidation") ?? false,
    ...logsDelivery(input.text("CloudWatchLogsLogGroupArn"), input.text("CloudWatchLogsRoleArn"), key),
    ...(kmsKeyId !== undefined && { kmsKeyId }),
    isOrganizationTrail: input.flag("IsOrganizationTrail") ?? false,
    recursiveLogging: input.flag("RecursiveLogging") ?? true,
    tags: tagsOf(input.structures("TagsList") ?? []),
    createdAt: call.clock.now(),
  };
  if (trail.isMultiRegionTrail && !trail.includeGlobalServiceEvents) {
    throw new AwsError("InvalidParameterCombinationException", "Multi-Region trail must include global service events.");
  }
  if (trail.isOrganizationTrail) {
    throw new AwsError("OrganizationsNotInUseException", `Account ${call.accountId} is not a member of an organization.`);
  }
  return trail;
}

/** Name and quota, in every Region in which the trail will appear. */
function permit(trail: Trail, existing: readonly Trail[]): void {
  const regions = new Set([trail.homeRegion, ...existing.map((other) => other.homeRegion)]);
  for (const region of regions) {
    if (!appearsIn(trail, region)) continue;
    const there = existing.filter((other) => appearsIn(other, region));
    if (there.some((other) => other.name === trail.name)) throw alreadyExists(trail);
    if (there.length >= TRAILS_PER_REGION) {
      throw new AwsError(
        "MaximumNumberOfTrailsExceededException",
        `User: ${trail.accountId} already has ${there.length} trails in ${region}.`,
      );
    }
  }
}

function alreadyExists({ name, accountId }: Trail): AwsError {
  return new AwsError("TrailAlreadyExistsException", `Trail ${name} already exists for customer: ${accountId}`);
}
