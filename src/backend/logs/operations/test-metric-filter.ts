import type { LogsOperation } from "../logs-call.ts";
import { missing } from "../members.ts";
import { parseFilterPattern } from "../pattern/parse-filter-pattern.ts";

/** Numbers of messages begin with 1. */
export const testMetricFilter: LogsOperation = ({ members }) => {
  const pattern = parseFilterPattern(members.needText("filterPattern", { max: 1024 }));
  const messages = members.texts("logEventMessages", 1, 50, { min: 1 }) ?? missing("logEventMessages");
  return {
    matches: messages.flatMap((message, index) =>
      pattern.matches(message)
        ? [{ eventNumber: index + 1, eventMessage: message, extractedValues: pattern.extract(message) }]
        : [],
    ),
  };
};
