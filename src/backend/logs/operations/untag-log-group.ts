import { removeTags } from "../change-tags.ts";
import { groupOf, type LogsOperation } from "../logs-call.ts";
import { missing } from "../members.ts";

export const untagLogGroup: LogsOperation = (call) => {
  const keys = call.members.texts("tags", 1, 50, { min: 1, max: 128 }) ?? missing("tags");
  removeTags(call.store, groupOf(call), keys);
  return {};
};
