/** A policy in IAM's language, as far as its readers here need to know. */
export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly object[];
}

/**
 * AWS's managed policies that grant something of CloudTrail, by the part of their ARN behind `policy/`: the statements about
 * `cloudtrail` and `cloudtrail-data`, all others left out ("AWS Managed Policy Reference Guide"; IAM User Guide, "AWS managed
 * policies for job functions").
 */
const managedPolicies: ReadonlyMap<string, PolicyDocument> = new Map([
  ["AdministratorAccess", allow("*")],
  // Everything but IAM, Organizations and the account's own settings.
  ["PowerUserAccess", allow("cloudtrail:*", "cloudtrail-data:*")],
  ["AWSCloudTrail_FullAccess", allow("cloudtrail:*")],
  [
    "AWSCloudTrail_ReadOnlyAccess",
    allow("cloudtrail:Get*", "cloudtrail:Describe*", "cloudtrail:List*", "cloudtrail:LookupEvents"),
  ],
  ["ReadOnlyAccess", allow("cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:LookupEvents")],
  [
    "SecurityAudit",
    allow(
      "cloudtrail:DescribeTrails",
      "cloudtrail:GetEventSelectors",
      "cloudtrail:GetInsightSelectors",
      "cloudtrail:GetTrail",
      "cloudtrail:GetTrailStatus",
      "cloudtrail:ListTags",
      "cloudtrail:ListTrails",
      "cloudtrail:LookupEvents",
    ),
  ],
  ["job-function/ViewOnlyAccess", allow("cloudtrail:DescribeTrails", "cloudtrail:ListTrails", "cloudtrail:LookupEvents")],
  [
    "job-function/SupportUser",
    allow(
      "cloudtrail:DescribeTrails",
      "cloudtrail:GetTrailStatus",
      "cloudtrail:LookupEvents",
      "cloudtrail:ListTags",
      "cloudtrail:ListPublicKeys",
    ),
  ],
  [
    "job-function/SystemAdministrator",
    allow(
      "cloudtrail:DescribeTrails",
      "cloudtrail:GetTrailStatus",
      "cloudtrail:ListPublicKeys",
      "cloudtrail:ListTags",
      "cloudtrail:LookupEvents",
      "cloudtrail:StartLogging",
      "cloudtrail:StopLogging",
    ),
  ],
]);

/** What is known under `arn:aws:iam::aws:policy/NAME`, whichever partition it names; undefined for all others. */
export function managedPolicy(arn: string): PolicyDocument | undefined {
  return managedPolicies.get(/^arn:aws[a-z-]*:iam::aws:policy\/(.+)$/.exec(arn)?.[1] ?? "");
}

/** For messages. */
export const managedPolicyNames: readonly string[] = [...managedPolicies.keys()];

function allow(...actions: readonly string[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] };
}
