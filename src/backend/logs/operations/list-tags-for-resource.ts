import { groupOfArn, type LogsOperation } from "../logs-call.ts";

export const listTagsForResource: LogsOperation = (call) => ({
  tags: groupOfArn(call, call.members.needText("resourceArn", { min: 1, max: 1011 })).tags,
});
