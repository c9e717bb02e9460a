import { PublishCommand } from "@aws-sdk/client-sns";
import type { Trail } from "../../../account/trails/trail.ts";
import { parseArn } from "../../../aws/arn.ts";
import { AwsError } from "../../../aws/aws-error.ts";
import type { DestinationClients } from "../destination-clients.ts";

/** Readers of the topic tell it by exactly this text. */
const MESSAGE = "CloudTrail validation message.";

/** Publishes AWS's validation message. Throws `InsufficientSnsTopicPolicyException`. */
export async function checkTopic(
  trail: Trail,
  topic: string,
  clients: DestinationClients,
  abortSignal: AbortSignal,
): Promise<void> {
  const region = parseArn(topic)?.region ?? trail.homeRegion;
  const sns = clients.sns({ accountId: trail.accountId, region });
  try {
    await sns.send(new PublishCommand({ TopicArn: topic, Message: MESSAGE }), { abortSignal });
  } catch (cause) {
    throw Object.assign(
      new AwsError("InsufficientSnsTopicPolicyException", "SNS Topic does not exist or the topic policy is incorrect!"),
      { cause },
    );
  }
}
