import { CreateLogStreamCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { Trail } from "../../../account/trails/trail.ts";
import { AwsError } from "../../../aws/aws-error.ts";
import type { DestinationClients } from "../destination-clients.ts";
import { destinationErrorOf } from "../destination-error.ts";

/**
 * Makes the first log stream, as AWS does to see whether it may. Terraform tries again while the text has "Access denied." in it. Throws
 * `InvalidCloudWatchLogsLogGroupArnException`, `InvalidCloudWatchLogsRoleArnException`, `CloudWatchLogsDeliveryUnavailableException`.
 */
export async function checkLogGroup(
  trail: Trail,
  { group, role }: { readonly group: string; readonly role: string },
  clients: DestinationClients,
  abortSignal: AbortSignal,
): Promise<void> {
  const logGroupName = /:log-group:([^:]+)(?::\*)?$/.exec(group)?.[1] ?? "";
  const logs = clients.logs({ accountId: trail.accountId, region: trail.homeRegion });
  const logStreamName = `${trail.accountId}_CloudTrail_${trail.homeRegion}`;
  try {
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }), { abortSignal });
  } catch (error) {
    const answered = destinationErrorOf(error);
    if (answered?.code === "ResourceAlreadyExistsException") return;
    if (answered?.code === "ResourceNotFoundException") {
      throw new AwsError(
        "InvalidCloudWatchLogsLogGroupArnException",
        `CloudTrail cannot validate the specified log group ARN: ${group}`,
      );
    }
    if (answered !== undefined && answered.status < 500 && answered.status !== 429) {
      throw new AwsError(
        "InvalidCloudWatchLogsRoleArnException",
        `Access denied. Check the permissions for your role: ${role} (CloudWatch Logs answered ${answered.code}).`,
      );
    }
    throw new AwsError(
      "CloudWatchLogsDeliveryUnavailableException",
      "Cannot set a CloudWatch Logs delivery for this region: CloudWatch Logs cannot be reached.",
    );
  }
}
