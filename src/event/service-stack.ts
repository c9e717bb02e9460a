/**
 * AWS writes records in a few different ways, by the framework that a service is built on. What differs: member case,
 * path and query parameters, and what a denied call shows.
 */
export type ServiceStack = "coral" | "api-gateway" | "ec2" | "s3";

/** REST services behind API Gateway, by catalogue id: path and query values stay strings, denials keep their parameters. */
const apiGateway: ReadonlySet<string> = new Set([
  "guardduty",
  "eks",
  "appsync",
  "securityhub",
  "bedrock-agent",
  "macie2",
  "service-catalog-appregistry",
]);

/** Services that log their members as modelled instead of with a lower first letter. */
const asModelled: ReadonlySet<string> = new Set([
  "account",
  "cost-explorer",
  "cloudshell",
  "devops-guru",
  "internetmonitor",
  "resource-explorer-2",
  "securityhub",
  "ssm-guiconnect",
  // Its records mix both; the modelled names are the more frequent.
  "synthetics",
]);

export function serviceStack(serviceId: string): ServiceStack {
  if (serviceId === "ec2") return "ec2";
  if (serviceId === "s3" || serviceId === "s3-control") return "s3";
  return apiGateway.has(serviceId) ? "api-gateway" : "coral";
}

/** Whether member names keep their modelled first letter. */
export function keepsMemberCase(serviceId: string): boolean {
  return asModelled.has(serviceId);
}
