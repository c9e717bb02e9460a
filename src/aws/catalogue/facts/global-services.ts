import { partitionOf } from "../../region.ts";

/**
 * Services without regions of their own, by catalogue id: their calls are recorded in the first region of the partition,
 * whatever region the client signed for. Source: AWS CloudTrail User Guide, "Global service events".
 */
const globalServices: ReadonlySet<string> = new Set([
  "iam",
  "organizations",
  "route-53",
  "cloudfront",
  "account",
  "health",
  "support",
  "cost-explorer",
]);

/** Host of the STS endpoint that belongs to no region. */
const GLOBAL_STS = "sts.amazonaws.com";

/** `awsRegion` of a call that was signed for `region` and sent to `host` (which may carry a port). */
export function recordedRegion(serviceId: string, region: string, host: string): string {
  if (globalServices.has(serviceId) || (serviceId === "sts" && withoutPort(host) === GLOBAL_STS)) {
    return partitionOf(region).homeRegion;
  }
  return region;
}

/** Whether the call went to the endpoint of STS that belongs to no region. */
export function isGlobalStsHost(host: string): boolean {
  return withoutPort(host) === GLOBAL_STS;
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, "").toLowerCase();
}
