import { groupOf, type LogsOperation } from "../logs-call.ts";

export const deleteRetentionPolicy: LogsOperation = (call) => {
  call.store.groups.setRetention(groupOf(call).id, undefined);
  return {};
};
