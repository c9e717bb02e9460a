import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseFilterPattern } from "./parse-filter-pattern.ts";

/**
 * The metric filters of the CIS AWS Foundations Benchmark (3.1 to 3.14 in v1.2, 4.1 to 4.15 since v1.4), with what each means
 * for a record, written out.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- a record is whatever the test makes it
type Record_ = Record<string, any>;

const anyName = (names: readonly string[]): string => names.map((name) => `($.eventName = ${name})`).join(" || ");

function byName(names: string, source?: string): readonly [pattern: string, means: (record: Record_) => boolean] {
  const list = names.split(" ");
  const pattern = source === undefined ? `{ ${anyName(list)} }` : `{ ($.eventSource = ${source}) && (${anyName(list)}) }`;
  return [pattern, ({ eventName, eventSource }) => list.includes(eventName) && (source === undefined || eventSource === source)];
}

const IAM =
  "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy AttachGroupPolicy DetachGroupPolicy";

const CONTROLS: Readonly<Record<string, readonly [pattern: string, means: (record: Record_) => boolean]>> = {
  "4.1": [
    '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    ({ errorCode }) => /UnauthorizedOperation$|^AccessDenied/.test(errorCode ?? ""),
  ],
  "4.1, later": [
    '{ ($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }',
    ({ errorCode = "", sourceIPAddress, eventName }) =>
      errorCode.endsWith("UnauthorizedOperation") ||
      (errorCode.startsWith("AccessDenied") &&
        sourceIPAddress !== undefined &&
        sourceIPAddress !== "delivery.logs.amazonaws.com" &&
        eventName !== "HeadBucket"),
  ],
  "4.2": [
    '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
    ({ eventName, additionalEventData, userIdentity, responseElements }) =>
      eventName === "ConsoleLogin" &&
      additionalEventData?.MFAUsed === "No" &&
      userIdentity?.type === "IAMUser" &&
      responseElements?.ConsoleLogin === "Success",
  ],
  "4.3": [
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
    ({ userIdentity, eventType }) =>
      userIdentity?.type === "Root" && !("invokedBy" in userIdentity) && eventType !== "AwsServiceEvent",
  ],
  "4.4": byName(IAM),
  "4.4, later": byName(IAM, "iam.amazonaws.com"),
  "4.5": byName("CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging"),
  "4.6": [
    '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
    ({ eventName, errorMessage }) => eventName === "ConsoleLogin" && errorMessage === "Failed authentication",
  ],
  "4.7": byName("DisableKey ScheduleKeyDeletion", "kms.amazonaws.com"),
  "4.8": byName(
    "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication",
    "s3.amazonaws.com",
  ),
  "4.9": byName(
    "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder",
    "config.amazonaws.com",
  ),
  "4.10": byName(
    "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup",
  ),
  "4.11": byName(
    "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry ReplaceNetworkAclAssociation",
  ),
  "4.12": byName(
    "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway DeleteInternetGateway DetachInternetGateway",
  ),
  "4.13": byName(
    "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute DisassociateRouteTable",
  ),
  "4.14": byName(
    "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink EnableVpcClassicLink",
  ),
  "4.15": byName(
    "AcceptHandshake AttachPolicy CancelHandshake CreateAccount CreateOrganization CreateOrganizationalUnit CreatePolicy DeclineHandshake DeleteOrganization DeleteOrganizationalUnit DeletePolicy EnableAllFeatures EnablePolicyType InviteAccountToOrganization LeaveOrganization DetachPolicy DisablePolicyType MoveAccount RemoveAccountFromOrganization UpdateOrganizationalUnit UpdatePolicy",
    "organizations.amazonaws.com",
  ),
};

const NAMES = [
  ...new Set(
    Object.values(CONTROLS).flatMap(([pattern]) => [...pattern.matchAll(/eventName = "?(\w+)/g)].map((found) => found[1])),
  ),
];
const SOURCES = ["iam", "kms", "s3", "config", "organizations", "ec2", "cloudtrail"].map((name) => `${name}.amazonaws.com`);
const records = fc
  .record(
    {
      eventName: fc.constantFrom(...NAMES, "HeadBucket", "GetObject", "CreateTrail2"),
      eventSource: fc.constantFrom(...SOURCES),
      eventType: fc.constantFrom("AwsApiCall", "AwsServiceEvent"),
      sourceIPAddress: fc.constantFrom("10.0.0.1", "delivery.logs.amazonaws.com"),
      userIdentity: fc.record(
        { type: fc.constantFrom("Root", "IAMUser"), invokedBy: fc.constantFrom("config.amazonaws.com", null) },
        { requiredKeys: ["type"] },
      ),
      errorCode: fc.constantFrom("AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "NoSuchBucket"),
      errorMessage: fc.constantFrom("Failed authentication", "No username found in supplied account"),
      additionalEventData: fc.constantFrom({ MFAUsed: "Yes" }, { MFAUsed: "No" }, {}, null),
      responseElements: fc.constantFrom({ ConsoleLogin: "Success" }, { ConsoleLogin: "Failure" }, null),
    },
    { requiredKeys: ["eventName", "eventType"] },
  )
  .map((record): Record_ => record);

describe("CIS AWS Foundations Benchmark", () => {
  test.each(Object.entries(CONTROLS))("%s", (_control, [pattern, means]) => {
    expect(pattern.length).toBeLessThanOrEqual(1024);
    const read = parseFilterPattern(pattern);
    const squeezed = parseFilterPattern(pattern.replace(/ (?=[=&|)]|!=)|(?<=[=&|(]) /g, ""));
    const wanted = [...pattern.matchAll(/eventName ?= ?"?(\w+)/g)].map((found) => found[1] ?? "");
    // Of any record one in a hundred would be one of a control's own.
    const near = fc.tuple(records, fc.constantFrom(...wanted, "Other"), fc.boolean()).map(([record, eventName, asIs]) => {
      const [, source] = /eventSource = ([a-z0-9.]+)/.exec(pattern) ?? [];
      return asIs ? record : { ...record, eventName, ...(source === undefined ? {} : { eventSource: source }) };
    });
    let [held, failed] = [0, 0];
    fc.assert(
      fc.property(near, (record) => {
        const expected = means(record);
        if (expected) held += 1;
        else failed += 1;
        const message = JSON.stringify(record);
        expect(read.matches(message)).toBe(expected);
        expect(squeezed.matches(message)).toBe(expected);
      }),
      // One record in 150 is what the rarest of them looks for.
      { numRuns: 3000 },
    );
    expect(Math.min(held, failed)).toBeGreaterThan(0);
  });
});
