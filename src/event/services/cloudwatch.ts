import { isDataOperation } from "../../aws/catalogue/facts/data-events.ts";
import type { ServiceRules } from "../service-rules.ts";

/** Metrics have no ARN: their calls list the type alone. Source: Amazon CloudWatch User Guide, "Logging Amazon CloudWatch API calls". */
export const cloudwatch: ServiceRules = {
  resources: (call) => (isDataOperation("cloudwatch", call.operationName) ? [{ type: "AWS::CloudWatch::Metric" }] : undefined),
};
