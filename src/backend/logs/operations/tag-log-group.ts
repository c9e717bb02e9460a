import { addTags } from "../change-tags.ts";
import { groupOf, type LogsOperation } from "../logs-call.ts";
import { missing } from "../members.ts";

export const tagLogGroup: LogsOperation = (call) => {
  const tags = call.members.tags("tags") ?? missing("tags");
  addTags(call.store, groupOf(call), tags);
  return {};
};
