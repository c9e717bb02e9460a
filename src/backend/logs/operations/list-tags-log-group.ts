import { groupOf, type LogsOperation } from "../logs-call.ts";

export const listTagsLogGroup: LogsOperation = (call) => ({ tags: groupOf(call).tags });
