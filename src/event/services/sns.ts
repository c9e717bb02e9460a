import type { ApiCall } from "../api-call.ts";
import type { RecordResource, ServiceRules } from "../service-rules.ts";
import { textAt } from "./read-tree.ts";
import { recordResource } from "./record-resource.ts";

/** Source: Amazon SNS Developer Guide, "Logging Amazon SNS API calls using AWS CloudTrail". */
export const sns: ServiceRules = {
  resources: (call) => {
    const arn = subject(call);
    return arn === undefined ? undefined : [entry(call, arn)];
  },
};

function subject({ input, output }: ApiCall): string | undefined {
  const direct =
    textAt(input, "TopicArn") ?? textAt(input, "TargetArn") ?? textAt(output, "TopicArn") ?? textAt(input, "EndpointArn");
  // A subscription's ARN is its topic's with an id behind it.
  return direct ?? /^(arn:[^:]*:sns:[^:]*:\d{12}:[\w.-]+):[0-9a-f-]{36}$/.exec(textAt(input, "SubscriptionArn") ?? "")?.[1];
}

function entry(call: ApiCall, arn: string): RecordResource {
  return recordResource(call, arn.includes(":endpoint/") ? "AWS::SNS::PlatformEndpoint" : "AWS::SNS::Topic", arn);
}
