import { formatArn } from "../../aws/arn.ts";
import { partitionOf } from "../../aws/region.ts";
import type { ApiCall } from "../api-call.ts";
import { textAt } from "./read-tree.ts";

export interface FunctionArn {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  readonly functionName: string;
  /** Version or alias. */
  readonly qualifier: string | undefined;
  /** The whole without version and alias. */
  readonly unqualified: string;
}

/** `name`, `name:qualifier`, `account:function:name`, `arn:…:function:name[:qualifier]`. */
const FUNCTION =
  /^(?:(?:arn:(?<partition>aws[a-z-]*):lambda:(?<region>[a-z0-9-]+):)?(?<account>\d{12}):function:)?(?<name>[\w-]{1,140})(?::(?<qualifier>[$\w-]{1,129}))?$/;

/** The function that a call is about, in whichever of Lambda's four ways the caller named it. */
export function functionArn(call: ApiCall): FunctionArn | undefined {
  const groups = FUNCTION.exec(textAt(call.input, "FunctionName") ?? "")?.groups;
  if (groups?.["name"] === undefined) return undefined;
  const partition = groups["partition"] ?? partitionOf(call.region).id;
  const region = groups["region"] ?? call.region;
  const accountId = groups["account"] ?? call.accountId;
  const functionName = groups["name"];
  return {
    partition,
    region,
    accountId,
    functionName,
    qualifier: groups["qualifier"] ?? textAt(call.input, "Qualifier"),
    unqualified: formatArn({ partition, service: "lambda", region, accountId, resource: `function:${functionName}` }),
  };
}
