import { randomUUID } from "node:crypto";
import type { Trail } from "../../account/trails/trail.ts";
import { TrailExists } from "../../account/trails/trail-store.ts";
import type { ApiOperation, ApiRequest } from "./api-operation.ts";
import { changePlace } from "./change-trail.ts";
import { inheritedTrails } from "./find-trail.ts";
import type { Input } from "./input.ts";
import { organizationToManage } from "./organization-access.ts";
import { checkBucketName, checkKeyPrefix, kmsKeyArn, logsDelivery, snsTopic } from "./trail-destinations.ts";
import { trailAccess } from "./trail-access.ts";
import { checkTrailName } from "./trail-name.ts";
import { createdTrail } from "./trail-output.ts";
import { alreadyExists, checkCombination, permitTrail } from "./trail-permit.ts";
import { trailArn } from "./trail-reference.ts";
import { tagsOf } from "./trail-tags.ts";

/** A new trail, with logging off. Organization trails are the management account's, whoever makes them. */
export const createTrail: ApiOperation = {
  name: "CreateTrail",
  access: async (input, call) =>
    await trailAccess(checkTrailName(input.text("Name")), call, tagsOf(input.structures("TagsList") ?? [], call.quotas)),
  async handle(input, call) {
    const trail = trailOf(input, call);
    const inherited = await inheritedTrails(call, trail.accountId);
    const permit = (existing: readonly Trail[]): void => permitTrail(trail, [...existing, ...inherited], call.quotas);
    // Before the checks, which leave something at the destinations; and again, because they take their time.
    permit(await call.trails.list(trail.accountId));
    const checked = (await call.checks?.check(trail, undefined, call.signal)) ?? trail;
    try {
      await call.trails.add(checked, changePlace(call), permit);
    } catch (error) {
      if (error instanceof TrailExists) throw alreadyExists(trail);
      throw error;
    }
    return createdTrail(checked);
  },
};

function trailOf(input: Input, call: ApiRequest): Trail {
  const name = checkTrailName(input.text("Name"));
  const isOrganizationTrail = input.flag("IsOrganizationTrail") ?? false;
  const accountId = isOrganizationTrail ? organizationToManage(call).managementAccount : call.accountId;
  const key = { accountId, homeRegion: call.region, name };
  const s3KeyPrefix = checkKeyPrefix(input.text("S3KeyPrefix"));
  const kmsKeyId = kmsKeyArn(input.text("KmsKeyId"), call);
  const trail: Trail = {
    id: randomUUID(),
    ...key,
    arn: trailArn(key),
    s3BucketName: checkBucketName(input.text("S3BucketName")),
    ...(s3KeyPrefix !== undefined && { s3KeyPrefix }),
    ...snsTopic(input.text("SnsTopicName"), call),
    includeGlobalServiceEvents: input.flag("IncludeGlobalServiceEvents") ?? true,
    isMultiRegionTrail: input.flag("IsMultiRegionTrail") ?? false,
    logFileValidationEnabled: input.flag("EnableLogFileValidation") ?? false,
    ...logsDelivery(input.text("CloudWatchLogsLogGroupArn"), input.text("CloudWatchLogsRoleArn"), key, call.accountId),
    ...(kmsKeyId !== undefined && { kmsKeyId }),
    isOrganizationTrail,
    recursiveLogging: input.flag("RecursiveLogging") ?? true,
    logging: false,
    tags: tagsOf(input.structures("TagsList") ?? [], call.quotas),
    createdAt: call.clock.now(),
  };
  checkCombination(trail);
  return trail;
}
