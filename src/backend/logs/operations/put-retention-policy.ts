import { invalidParameter } from "../invalid-parameter.ts";
import { groupOf, type LogsOperation } from "../logs-call.ts";
import { missing } from "../members.ts";

/** "PutRetentionPolicy", CloudWatch Logs API Reference. */
const DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

export const putRetentionPolicy: LogsOperation = (call) => {
  const { store, members } = call;
  const days = members.integer("retentionInDays", 0, 100_000) ?? missing("retentionInDays");
  if (!DAYS.includes(days)) {
    throw invalidParameter(
      `1 validation error detected: Value '${days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${DAYS.join(", ")}]`,
    );
  }
  store.groups.setRetention(groupOf(call).id, days);
  call.wakeSweeper();
  return {};
};
