import type { ServiceRules } from "../service-rules.ts";

const NOTED: ReadonlySet<string> = new Set(["ChangeResourceRecordSets", "CreateHostedZone"]);

export const route53: ServiceRules = {
  additionalEventData: (call) => (NOTED.has(call.operationName) ? { Note: "Do not use to reconstruct hosted zone" } : undefined),
};
