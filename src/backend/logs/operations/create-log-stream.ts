import { AwsError } from "../../../aws/aws-error.ts";
import { groupOf, type LogsOperation } from "../logs-call.ts";
import { STREAM_NAME } from "../members.ts";

export const createLogStream: LogsOperation = (call) => {
  const { store, members, clock } = call;
  const name = members.needText("logStreamName", STREAM_NAME);
  const group = groupOf(call);
  if (store.streams.get(group.id, name) !== undefined) {
    throw new AwsError("ResourceAlreadyExistsException", "The specified log stream already exists");
  }
  store.streams.create(group.id, name, clock.now());
  return {};
};
