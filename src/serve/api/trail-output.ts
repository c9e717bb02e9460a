import type { TreeObject } from "../../aws/tree.ts";
import type { Trail } from "../../account/trails/trail.ts";

/** What CreateTrail and UpdateTrail answer: the trail without what only reading it shows. */
export function createdTrail(trail: Trail): TreeObject {
  return {
    Name: trail.name,
    S3BucketName: trail.s3BucketName,
    ...(trail.s3KeyPrefix !== undefined && { S3KeyPrefix: trail.s3KeyPrefix }),
    ...(trail.snsTopicName !== undefined && { SnsTopicName: trail.snsTopicName }),
    ...(trail.snsTopicArn !== undefined && { SnsTopicARN: trail.snsTopicArn }),
    IncludeGlobalServiceEvents: trail.includeGlobalServiceEvents,
    IsMultiRegionTrail: trail.isMultiRegionTrail,
    TrailARN: trail.arn,
    LogFileValidationEnabled: trail.logFileValidationEnabled,
    ...(trail.cloudWatchLogsLogGroupArn !== undefined && { CloudWatchLogsLogGroupArn: trail.cloudWatchLogsLogGroupArn }),
    ...(trail.cloudWatchLogsRoleArn !== undefined && { CloudWatchLogsRoleArn: trail.cloudWatchLogsRoleArn }),
    ...(trail.kmsKeyId !== undefined && { KmsKeyId: trail.kmsKeyId }),
    IsOrganizationTrail: trail.isOrganizationTrail,
    RecursiveLogging: trail.recursiveLogging,
  };
}

/** What GetTrail and DescribeTrails answer. */
export function describedTrail(trail: Trail): TreeObject {
  return {
    ...createdTrail(trail),
    HomeRegion: trail.homeRegion,
    HasCustomEventSelectors: trail.selectors !== undefined,
    // Insights cannot be turned on yet.
    HasInsightSelectors: false,
  };
}
