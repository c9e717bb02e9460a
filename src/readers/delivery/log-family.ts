import type { EventIndex } from "../../event/built-event.ts";

/** Kinds of log files: each has a folder of its own, whose name also stands in the file's. Source: CloudTrail User Guide, "Finding your CloudTrail log files". */
export type LogFamily = "CloudTrail" | "CloudTrail-Insight" | "CloudTrail-NetworkActivity" | "CloudTrail-Aggregated";

const FAMILIES: Readonly<Record<EventIndex["category"], LogFamily>> = {
  Management: "CloudTrail",
  Data: "CloudTrail",
  NetworkActivity: "CloudTrail-NetworkActivity",
  Insight: "CloudTrail-Insight",
};

/** Of the file that an event goes into. */
export function familyOf(category: EventIndex["category"]): LogFamily {
  return FAMILIES[category];
}

/** What goes into one file together: files never mix families, accounts or Regions. */
export interface LogGroup {
  readonly family: LogFamily;
  readonly account: string;
  readonly region: string;
}
