import { AwsError } from "../../aws/aws-error.ts";
import { type Arn, parseArn } from "../../aws/arn.ts";
import { partitionOf } from "../../aws/region.ts";
import { checkTrailName } from "./trail-name.ts";

/** Something of CloudTrail's, by ARN. */
export interface ResourceReference {
  readonly type: "trail" | "eventdatastore" | "channel" | "dashboard";
  readonly arn: string;
  readonly accountId: string;
  readonly region: string;
  /** Name or id: what stands behind the type in the ARN. */
  readonly name: string;
}

const TYPES = ["trail", "eventdatastore", "channel", "dashboard"] as const;

/** Throws `invalid` for what is no ARN of CloudTrail's, and `ResourceTypeNotSupportedException` for other types of resource. */
export function resourceReference(text: string | undefined, invalid: (text: string) => AwsError): ResourceReference {
  const arn = parseArn(text ?? "");
  if (text === undefined || arn === undefined || !isComplete(arn)) throw invalid(text ?? "");
  const slash = arn.resource.indexOf("/");
  const type = TYPES.find((known) => known === arn.resource.slice(0, slash));
  if (arn.service !== "cloudtrail" || type === undefined)
    throw new AwsError("ResourceTypeNotSupportedException", `The resource type is not supported: ${text}`);
  const name = arn.resource.slice(slash + 1);
  if (type === "trail") checkTrailName(name);
  return { type, arn: text, accountId: arn.accountId, region: arn.region, name };
}

function isComplete({ partition, region, accountId, service }: Arn): boolean {
  // Those of other services may leave out what CloudTrail's do not.
  return service !== "cloudtrail" || (region !== "" && /^\d{12}$/.test(accountId) && partition === partitionOf(region).id);
}
