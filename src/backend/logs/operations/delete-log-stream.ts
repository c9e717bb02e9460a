import { groupOf, type LogsOperation, streamOf } from "../logs-call.ts";

export const deleteLogStream: LogsOperation = (call) => {
  const { id } = streamOf(call, groupOf(call));
  call.store.transaction(() => call.store.streams.remove(id));
  call.wakeSweeper();
  return {};
};
