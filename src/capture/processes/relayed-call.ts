import type { Catalogue } from "../../aws/catalogue/model.ts";
import type { CallContext } from "../../aws/endpoint.ts";
import type { VisitArrival } from "../gateway/visit.ts";

/** The line with which a capture process tells the primary what it knows of a request. It is the first. */
export const RELAY_LINE = "X-Opentrail-Relay";
/** The line of an answer that says that there was none: the reason of an `EndpointFailure`, or "internal". The body is its message. */
export const FAILURE_LINE = "X-Opentrail-Relay-Failure";
/** Octets that a relayed request's head may have: the client's, and what is known of it. */
export const RELAY_HEAD_BYTES = 512 * 1024;

type RelayedContext = Omit<CallContext, "operation"> & { readonly operation?: readonly [service: string, name: string] };

/** Both sides are the same program, and nobody else has the token. */
type Relayed = { readonly token: string } & (
  | { readonly kind: "call"; readonly context: RelayedContext }
  | { readonly kind: "visit"; readonly visit: VisitArrival }
);

export function relayedCallLine(token: string, { operation, ...context }: CallContext): string {
  const named = operation === undefined ? {} : { operation: [operation.service.id, operation.name] as const };
  return lineOf({ token, kind: "call", context: { ...context, ...named } });
}

export function relayedVisitLine(token: string, visit: VisitArrival): string {
  return lineOf({ token, kind: "visit", visit });
}

/** Undefined for what is no such line. The token is still to be checked. */
export function relayedIn(line: string): Relayed | undefined {
  try {
    return JSON.parse(Buffer.from(line, "base64").toString()) as Relayed;
  } catch {
    return undefined;
  }
}

export function contextOf({ operation: named, ...context }: RelayedContext, catalogue: Pick<Catalogue, "service">): CallContext {
  return {
    ...context,
    operation: named === undefined ? undefined : catalogue.service(named[0])?.operation(named[1]),
  } as CallContext;
}

/** Undefined members survive as absent ones. */
function lineOf(relayed: Relayed): string {
  return Buffer.from(JSON.stringify(relayed)).toString("base64");
}
