import type { Caller } from "./caller.ts";
import { truncateUtf8 } from "./limits.ts";

/**
 * `Username` as LookupEvents shows it: the user's name, the session's name, `root`. Absent for services and for callers whose
 * name nobody knows. Source: "Viewing recent management events with the AWS CLI".
 */
export function lookupUsername(caller: Caller): string | undefined {
  const name = nameOf(caller);
  return name === undefined ? undefined : truncateUtf8(name);
}

function nameOf(caller: Caller): string | undefined {
  switch (caller.kind) {
    case "root":
      return "root";
    case "user":
    case "web-identity":
    case "saml":
      return caller.userName;
    case "role-session":
      return caller.sessionName;
    case "federated-user":
      return caller.name;
    case "service":
    case "other-account":
    case "anonymous":
    case "unknown":
      return undefined;
  }
}
