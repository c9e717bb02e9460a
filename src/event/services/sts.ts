import { isGlobalStsHost, recordedRegion } from "../../aws/catalogue/facts/global-services.ts";
import type { JsonObject } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import type { RecordResource, ServiceRules } from "../service-rules.ts";
import { orNull, withMembers } from "./json-object.ts";
import { textAt } from "./read-tree.ts";
import { recordResource } from "./record-resource.ts";

/** STS takes assertions of up to this many characters of base64. */
const MAXIMUM_ASSERTION = 100_000;

/** Source: IAM User Guide, "Logging IAM and AWS STS API calls with AWS CloudTrail". */
export const sts: ServiceRules = {
  requestParameters: (call, general) => {
    const id = assertionId(textAt(call.input, "SAMLAssertion"));
    return id === undefined ? general : orNull(withMembers(general, { sAMLAssertionID: id }));
  },
  additionalEventData: (call): JsonObject => ({
    RequestDetails: {
      // The global endpoint may answer from elsewhere; only AWS knows.
      awsServingRegion: recordedRegion("sts", call.region, call.request.host),
      endpointType: isGlobalStsHost(call.request.host) ? "global" : "regional",
    },
  }),
  resources: (call) => {
    const roles = entry(call, "AWS::IAM::Role", textAt(call.input, "RoleArn"));
    const saml = call.operationName === "AssumeRoleWithSAML" ? textAt(call.input, "PrincipalArn") : undefined;
    return call.operationName.startsWith("AssumeRole") ? [...roles, ...entry(call, "AWS::IAM::SAMLProvider", saml)] : undefined;
  },
};

function entry(call: ApiCall, type: string, arn: string | undefined): readonly RecordResource[] {
  return arn === undefined ? [] : [recordResource(call, type, arn)];
}

/** The assertion itself would let its reader in; its id is what AWS logs instead. */
function assertionId(assertion: string | undefined): string | undefined {
  if (assertion === undefined || assertion.length > MAXIMUM_ASSERTION) return undefined;
  const xml = Buffer.from(assertion, "base64").toString("utf8");
  return /<(?:[\w.-]{1,64}:)?Assertion\s[^<>]{0,4096}?\bID\s*=\s*["']([^"'<>]{1,256})["']/.exec(xml)?.[1];
}
