import type { JsonObject } from "../../aws/tree.ts";
import type { ServiceRules } from "../service-rules.ts";
import { withMembers } from "./json-object.ts";
import { textAt, valueAt } from "./read-tree.ts";

/**
 * The model calls the client's id a secret; the service shows it. Source: Amazon Cognito Developer Guide, "Amazon Cognito
 * logging in AWS CloudTrail".
 */
export const cognitoIdentityProvider: ServiceRules = {
  requestParameters: (call, general) => {
    const clientId = textAt(call.input, "ClientId");
    return clientId === undefined ? general : withMembers(general, { clientId });
  },
  responseElements: (call, general) => {
    const client: JsonObject | undefined = withClientId(general, textAt(call.output, "UserPoolClient", "ClientId"));
    return client ?? general;
  },
  additionalEventData: (call) => {
    const sub = textAt(call.output, "UserSub");
    return sub === undefined ? undefined : { sub };
  },
};

function withClientId(general: JsonObject | null, clientId: string | undefined): JsonObject | undefined {
  if (general === null || clientId === undefined || valueAt(general, "userPoolClient") === undefined) return undefined;
  const { userPoolClient } = general;
  if (typeof userPoolClient !== "object" || userPoolClient === null || Array.isArray(userPoolClient)) return undefined;
  return withMembers(general, { userPoolClient: { ...userPoolClient, clientId } });
}
