import { groupOf, type LogsOperation } from "../logs-call.ts";

export const deleteLogGroup: LogsOperation = (call) => {
  const { id } = groupOf(call);
  call.store.transaction(() => {
    call.store.streams.removeAll(id);
    call.store.groups.remove(id);
  });
  call.wakeSweeper();
  return {};
};
