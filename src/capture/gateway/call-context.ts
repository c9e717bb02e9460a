import type { CallContext } from "../../aws/endpoint.ts";
import { partitionOf } from "../../aws/region.ts";
import type { Caller } from "../../event/caller.ts";
import type { ResolvedCaller } from "../identity/identities.ts";
import { principalOf } from "./principal-of.ts";
import type { Routed } from "./routing/routed.ts";

/** What an endpoint is told of the call besides the request. */
export function callContext(
  routed: Routed,
  { accountId, caller }: ResolvedCaller,
  arrival: { readonly requestId: string; readonly encrypted: boolean; readonly sourceIp: string },
): CallContext {
  const { operation, serviceId, operationName, region, credential, protocol, s3 } = routed;
  const callerId = callerIdOf(caller);
  const principal = principalOf(caller);
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
    ...(callerId === undefined ? {} : { callerId }),
    ...(principal === undefined ? {} : { principal }),
    ...(caller.kind === "service" ? { servicePrincipal: caller.invokedBy } : {}),
    sourceIp: arrival.sourceIp,
    scheme: arrival.encrypted ? "https" : "http",
    requestId: arrival.requestId,
  };
}

/** `UserId` of GetCallerIdentity; undefined where it is not known. */
function callerIdOf(caller: Caller): string | undefined {
  switch (caller.kind) {
    case "root":
      return caller.accountId;
    case "user":
      return caller.principalId;
    case "role-session":
      return caller.roleId === undefined ? undefined : `${caller.roleId}:${caller.sessionName}`;
    case "federated-user":
      return `${caller.accountId}:${caller.name}`;
    default:
      return undefined;
  }
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
