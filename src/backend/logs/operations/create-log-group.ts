import { AwsError } from "../../../aws/aws-error.ts";
import { invalidParameter } from "../invalid-parameter.ts";
import type { LogsOperation } from "../logs-call.ts";
import { GROUP_NAME } from "../members.ts";

export const CLASSES = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"];

/** The class and the key are kept and given back; they change nothing. */
export const createLogGroup: LogsOperation = ({ store, members, clock }) => {
  const name = members.needText("logGroupName", GROUP_NAME);
  const kms = members.text("kmsKeyId", { max: 256 });
  const tags = members.tags("tags") ?? {};
  const kind = members.choice("logGroupClass", CLASSES) ?? "STANDARD";
  if (members.flag("deletionProtectionEnabled") === true) {
    throw invalidParameter("Deletion protection is not supported by the embedded account.");
  }
  if (store.groups.get(name) !== undefined) {
    throw new AwsError("ResourceAlreadyExistsException", "The specified log group already exists");
  }
  store.groups.create({ name, created: clock.now(), class: kind, kms, tags });
  return {};
};
