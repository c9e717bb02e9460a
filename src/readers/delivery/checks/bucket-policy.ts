import type { Trail } from "../../../account/trails/trail.ts";
import { partitionOf } from "../../../aws/region.ts";

/** Something that CloudTrail does with a trail's bucket. */
export interface Need {
  readonly action: "s3:GetBucketAcl" | "s3:PutObject";
  /** Undefined: with the bucket itself. */
  readonly key: string | undefined;
}

/** What S3 takes at most. */
const MOST_OCTETS = 20 * 1024;
const PRINCIPAL = "cloudtrail.amazonaws.com";

/**
 * The first of the needs that no statement of the bucket policy allows the service, in words; undefined where all are met.
 * Conditions are compared for what CloudTrail sends: `aws:SourceArn`, `aws:SourceAccount`, `s3:x-amz-acl`; a statement with any
 * other is left to S3.
 */
export function missingStatement(policy: string, trail: Trail, needs: readonly Need[]): string | undefined {
  if (policy.length > MOST_OCTETS) return undefined;
  let document: unknown;
  try {
    document = JSON.parse(policy);
  } catch {
    return "the bucket's policy is not JSON";
  }
  const statements = listOf(member(document, "Statement"));
  for (const need of needs) {
    const resource = `arn:${partitionOf(trail.homeRegion).id}:s3:::${trail.s3BucketName}${need.key === undefined ? "" : `/${need.key}`}`;
    if (!statements.some((statement) => allows(statement, need, resource, trail)))
      return `no statement of the bucket's policy allows ${PRINCIPAL} ${need.action} on ${resource}`;
  }
  return undefined;
}

function allows(statement: unknown, { action, key }: Need, resource: string, trail: Trail): boolean {
  if (member(statement, "Effect") !== "Allow") return false;
  const principal = member(statement, "Principal");
  const service = typeof principal === "string" ? [principal] : listOf(member(principal, "Service"));
  const anybody = principal === "*" || listOf(member(principal, "AWS")).includes("*");
  if (!anybody && !service.includes(PRINCIPAL)) return false;
  if (!matchesAny(member(statement, "Action"), action, true)) return false;
  if (!matchesAny(member(statement, "Resource"), resource, false)) return false;
  const sent: Readonly<Record<string, string>> = {
    "aws:sourcearn": trail.arn,
    "aws:sourceaccount": trail.accountId,
    ...(key === undefined ? {} : { "s3:x-amz-acl": "bucket-owner-full-control" }),
  };
  return conditionsHold(member(statement, "Condition"), sent);
}

function conditionsHold(condition: unknown, sent: Readonly<Record<string, string>>): boolean {
  if (typeof condition !== "object" || condition === null) return true;
  for (const [operator, keys] of Object.entries(condition)) {
    if (!/^(?:String|Arn)(?:Equals|Like)(?:IgnoreCase)?$/.test(operator)) continue;
    for (const [name, wanted] of Object.entries((keys ?? {}) as object)) {
      const value = sent[name.toLowerCase()];
      if (value !== undefined && !matchesAny(wanted, value, operator.endsWith("IgnoreCase"))) return false;
    }
  }
  return true;
}

function matchesAny(patterns: unknown, value: string, ignoreCase: boolean): boolean {
  return listOf(patterns).some((pattern) => typeof pattern === "string" && matches(pattern, value, ignoreCase));
}

/** `*` and `?` as IAM has them, in linear time. */
function matches(pattern: string, value: string, ignoreCase: boolean): boolean {
  const [wanted, given] = ignoreCase ? [pattern.toLowerCase(), value.toLowerCase()] : [pattern, value];
  let at = 0;
  let place = 0;
  let star = -1;
  let resume = 0;
  while (place < given.length) {
    if (at < wanted.length && wanted[at] === "*") {
      star = at++;
      resume = place;
    } else if (at < wanted.length && (wanted[at] === "?" || wanted[at] === given[place])) {
      at++;
      place++;
    } else if (star >= 0) {
      at = star + 1;
      place = ++resume;
    } else return false;
  }
  while (wanted[at] === "*") at++;
  return at === wanted.length;
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
