import { formatArn, parseArn } from "../../aws/arn.ts";
import { partitionOf } from "../../aws/region.ts";
import type { ApiCall } from "../api-call.ts";
import type { RecordResource } from "../service-rules.ts";

/** ARN of something that lives in the call's region and account, unless told otherwise (`""` for none). */
export function arnOf(
  call: ApiCall,
  service: string,
  resource: string,
  { region = call.region, accountId = call.accountId }: { region?: string; accountId?: string } = {},
): string {
  return formatArn({ partition: partitionOf(call.region).id, service, region, accountId, resource });
}

/** `name` where it is an ARN of that service already, else the ARN made of it. */
export function arnOrNamed(call: ApiCall, service: string, name: string, prefix = ""): string {
  return parseArn(name)?.service === service ? name : arnOf(call, service, prefix + name);
}

/** The usual entry: owner (from the ARN where it has one), type, ARN. Without `type` for the services that write none. */
export function recordResource(call: ApiCall, type: string | undefined, arn: string): RecordResource {
  const owner = parseArn(arn)?.accountId;
  const accountId = owner === undefined || owner === "" ? call.accountId : owner;
  return type === undefined ? { accountId, ARN: arn } : { accountId, type, ARN: arn };
}

/** One entry per ARN, in the order of first mention; undefined for none, as the member is absent then. */
export function recordResources(
  call: ApiCall,
  type: string | undefined,
  arns: readonly (string | undefined)[],
): readonly RecordResource[] | undefined {
  const distinct = [...new Set(arns.filter((arn) => arn !== undefined))].slice(0, MAXIMUM);
  return distinct.length === 0 ? undefined : distinct.map((arn) => recordResource(call, type, arn));
}

/** Batches of AWS's own operations end at 100 items. */
const MAXIMUM = 100;
