import type { CallContext } from "../../aws/endpoint.ts";
import { partitionOf } from "../../aws/region.ts";
import type { Caller } from "../../event/caller.ts";
import type { ResolvedCaller } from "../identity/identities.ts";
import type { Routed } from "./routing/routed.ts";

/** What an endpoint is told of the call besides the request. */
export function callContext(routed: Routed, { accountId, caller }: ResolvedCaller, requestId: string): CallContext {
  const { operation, serviceId, operationName, region, credential, protocol, s3 } = routed;
  return {
    operation,
    serviceId,
    operationName,
    region,
    accountId,
    protocol,
    ...(s3 === undefined ? {} : { s3 }),
    accessKeyId: credential.accessKeyId,
    callerArn: callerArn(caller, region),
    requestId,
  };
}

/** ARN under which policies know the caller; undefined where none is known. */
function callerArn(caller: Caller, region: string): string | undefined {
  const partition = partitionOf(region).id;
  switch (caller.kind) {
    case "root":
      return `arn:${partition}:iam::${caller.accountId}:root`;
    case "user":
      return caller.arn;
    case "role-session":
      return `arn:${partition}:sts::${caller.accountId}:assumed-role/${caller.roleName}/${caller.sessionName}`;
    case "federated-user":
      return `arn:${partition}:sts::${caller.accountId}:federated-user/${caller.name}`;
    default:
      return undefined;
  }
}
