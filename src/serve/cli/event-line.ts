import type { JsonObject } from "../../aws/tree.ts";

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

// Records carry what strangers sent: escape sequences must not reach the terminal, nor marks that turn the reading direction.
// oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function printable(line: string): string {
  return line.replaceAll(CONTROL, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}
