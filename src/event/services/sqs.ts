import { isQueuePath } from "../../aws/query/queue-path.ts";
import type { JsonObject } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import type { ServiceRules } from "../service-rules.ts";
import { withModelDefaults } from "./model-defaults.ts";
import { textAt } from "./read-tree.ts";
import { arnOf, recordResources } from "./record-resource.ts";

/** Source: Amazon SQS Developer Guide, "Logging Amazon Simple Queue Service API calls using AWS CloudTrail". */
export const sqs: ServiceRules = {
  requestParameters: (call, general): JsonObject | null => {
    const queueUrl = addressedQueue(call);
    const defaults = {
      ...(queueUrl === undefined ? {} : { queueUrl }),
      ...(call.operationName === "ListDeadLetterSourceQueues" ? { maxResults: 0 } : {}),
    };
    return Object.keys(defaults).length === 0 ? general : withModelDefaults(call, general, defaults);
  },
  resources: (call) => recordResources(call, "AWS::SQS::Queue", [queueArn(call)]),
};

/** By the queue's URL, name or ARN; a listing names all queues that begin so. */
function queueArn(call: ApiCall): string | undefined {
  const { input, output, operationName } = call;
  if (operationName === "ListQueues") return arnOf(call, "sqs", `${textAt(input, "QueueNamePrefix") ?? ""}*`);
  const url = addressedQueue(call) ?? textAt(input, "QueueUrl") ?? textAt(output, "QueueUrl");
  const [, accountId, name] = /\/(\d{12})\/([\w-]{1,80}(?:\.fifo)?)\/?$/.exec(url ?? "") ?? [];
  if (accountId !== undefined && name !== undefined) return arnOf(call, "sqs", name, { accountId });

  const queueName = textAt(input, "QueueName") ?? /([\w-]{1,80}(?:\.fifo)?)\/?$/.exec(url ?? "")?.[1];
  const owner = textAt(input, "QueueOwnerAWSAccountId") ?? call.accountId;
  if (queueName !== undefined) return arnOf(call, "sqs", queueName, { accountId: owner });
  return textAt(input, "SourceArn");
}

/** The queue's URL where the request went there and its form does not repeat it. */
function addressedQueue({ operation, input, request, tls }: ApiCall): string | undefined {
  if (operation?.input?.members.has("QueueUrl") !== true || !isQueuePath(request.path)) return undefined;
  if (textAt(input, "QueueUrl") !== undefined) return undefined;
  return `${tls === undefined ? "http" : "https"}://${request.host}${request.path}`;
}
