import { isDeepStrictEqual } from "node:util";
import { AwsError } from "../../aws/aws-error.ts";
import type { Trail } from "../../account/trails/trail.ts";
import { type OptionalSetting, withoutSettings } from "../../account/trails/without-settings.ts";
import type { ApiOperation, ApiRequest } from "./api-operation.ts";
import { changeTrail } from "./change-trail.ts";
import { findTrailToChange, inheritedTrails } from "./find-trail.ts";
import type { Input } from "./input.ts";
import { notManagementAccount, organizationToManage } from "./organization-access.ts";
import { checkBucketName, checkKeyPrefix, kmsKeyArn, logsDelivery, snsTopic } from "./trail-destinations.ts";
import { trailAccess } from "./trail-access.ts";
import { createdTrail } from "./trail-output.ts";
import { checkCombination, permitTrail } from "./trail-permit.ts";
import { trailReference } from "./trail-reference.ts";

/** Members that are left out stay as they are, "" takes a setting away. What fails a check changes nothing. */
export const updateTrail: ApiOperation = {
  name: "UpdateTrail",
  access: async (input, call) => await trailAccess(input.text("Name"), call),
  async handle(input, call) {
    const name = input.text("Name");
    const reference = trailReference(name, call);
    const before = await findTrailToChange(reference, call, name ?? reference.name);
    const update = updateOf(input, before, call);
    const after = update(before);
    checkCombination(after);
    const inherited = await inheritedTrails(call, before.accountId);
    const permit = (others: readonly Trail[]): void => {
      // A trail that spreads over no more Regions than before takes nothing from anybody.
      if (after.isMultiRegionTrail && !before.isMultiRegionTrail) permitTrail(after, [...others, ...inherited], call.quotas);
    };
    permit((await call.trails.list(before.accountId)).filter(({ id }) => id !== before.id));
    const kmsKeyId = (await call.checks?.check(after, before, call.signal))?.kmsKeyId ?? after.kmsKeyId;
    const changed = await changeTrail(before, call, (now, others) => {
      if (!isDeepStrictEqual(createdTrail(now), createdTrail(before))) throw conflict(now);
      permit(others);
      return { ...update(now), ...(kmsKeyId !== undefined && { kmsKeyId }) };
    });
    return createdTrail(changed);
  },
};

/** Checks all that is given, and gives what makes of the trail what it is to be. */
function updateOf(input: Input, before: Trail, call: ApiRequest): (trail: Trail) => Trail {
  const [bucket, prefix] = [input.text("S3BucketName"), input.text("S3KeyPrefix")];
  const [topic, key] = [input.text("SnsTopicName"), input.text("KmsKeyId")];
  const s3BucketName = bucket === undefined ? undefined : checkBucketName(bucket);
  const s3KeyPrefix = checkKeyPrefix(prefix);
  const sns = snsTopic(topic, call);
  const kmsKeyId = kmsKeyArn(key, call);
  const logs = logsUpdate(input, before, call);
  const organization = input.flag("IsOrganizationTrail") ?? before.isOrganizationTrail;
  if (organization !== before.isOrganizationTrail) checkConversion(organization, call);
  const includeGlobalServiceEvents = input.flag("IncludeGlobalServiceEvents");
  const isMultiRegionTrail = input.flag("IsMultiRegionTrail");
  const logFileValidationEnabled = input.flag("EnableLogFileValidation");
  const recursiveLogging = input.flag("RecursiveLogging");
  const replaced: OptionalSetting[] = [];
  if (prefix !== undefined) replaced.push("s3KeyPrefix");
  if (topic !== undefined) replaced.push("snsTopicName", "snsTopicArn");
  if (key !== undefined) replaced.push("kmsKeyId");
  if (logs !== undefined) replaced.push("cloudWatchLogsLogGroupArn", "cloudWatchLogsRoleArn");
  return (trail) => ({
    ...withoutSettings(trail, ...replaced),
    ...(s3BucketName !== undefined && { s3BucketName }),
    ...(s3KeyPrefix !== undefined && { s3KeyPrefix }),
    ...sns,
    ...(kmsKeyId !== undefined && { kmsKeyId }),
    ...logs,
    ...(includeGlobalServiceEvents !== undefined && { includeGlobalServiceEvents }),
    ...(isMultiRegionTrail !== undefined && { isMultiRegionTrail }),
    ...(logFileValidationEnabled !== undefined && { logFileValidationEnabled }),
    ...(recursiveLogging !== undefined && { recursiveLogging }),
    isOrganizationTrail: organization,
  });
}

/** Undefined: as it was. Log group and role come and go together; one that is "" alone takes both away. */
function logsUpdate(input: Input, before: Trail, call: ApiRequest): ReturnType<typeof logsDelivery> | undefined {
  const [group, role] = [input.text("CloudWatchLogsLogGroupArn"), input.text("CloudWatchLogsRoleArn")];
  return group === undefined && role === undefined ? undefined : logsDelivery(group, role, before, call.accountId);
}

/** To an organization trail and back is for the management account alone. */
function checkConversion(organization: boolean, call: ApiRequest): void {
  if (organization && organizationToManage(call).managementAccount !== call.accountId) throw notManagementAccount();
  if (!organization && call.organization?.roleOf(call.accountId) === "delegated") throw notManagementAccount();
}

function conflict({ name }: Trail): AwsError {
  return new AwsError("ConflictException", `Trail ${name} is being changed by another request. Try again.`);
}
