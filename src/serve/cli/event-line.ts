import type { JsonObject } from "../../aws/tree.ts";
import { printable } from "./printable.ts";

/** One record as a line for a terminal: when, where, what, who, on what error. Control characters are made visible. */
export function eventLine(record: JsonObject): string {
  const text = (name: string): string => (typeof record[name] === "string" ? record[name] : "");
  const source = text("eventSource").replace(/\.amazonaws\.com$/, "");
  const error = text("errorCode");
  const columns = [
    text("eventTime"),
    text("awsRegion").padEnd(12),
    `${source}:${text("eventName")}`.padEnd(36),
    whoMade(record).padEnd(24),
    text("sourceIPAddress"),
    error === "" ? "" : `! ${error}`,
  ];
  return printable(columns.join("  ").trimEnd());
}

function whoMade(record: JsonObject): string {
  const identity = record["userIdentity"];
  if (typeof identity !== "object" || identity === null || Array.isArray(identity)) return "-";
  const { arn, userName, invokedBy, accessKeyId, type } = identity as JsonObject;
  if (typeof arn === "string") return arn.slice(arn.lastIndexOf(":") + 1);
  for (const name of [userName, invokedBy, accessKeyId, type]) if (typeof name === "string" && name !== "") return name;
  return "-";
}
