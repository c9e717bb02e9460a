import { removeTags } from "../change-tags.ts";
import { groupOfArn, type LogsOperation } from "../logs-call.ts";
import { missing } from "../members.ts";

export const untagResource: LogsOperation = (call) => {
  const keys = call.members.texts("tagKeys", 0, 50, { min: 1, max: 128 }) ?? missing("tagKeys");
  removeTags(call.store, groupOfArn(call, call.members.needText("resourceArn", { min: 1, max: 1011 })), keys);
  return {};
};
