import { addTags } from "../change-tags.ts";
import { groupOfArn, type LogsOperation } from "../logs-call.ts";
import { missing } from "../members.ts";

export const tagResource: LogsOperation = (call) => {
  const tags = call.members.tags("tags") ?? missing("tags");
  addTags(call.store, groupOfArn(call, call.members.needText("resourceArn", { min: 1, max: 1011 })), tags);
  return {};
};
