import { Option, type Command } from "commander";
import { CliError } from "./endpoint-client.ts";

/** The filters that `lookup` and `tail` share, as flags; each becomes the query parameter of the same name. */
const FILTERS: readonly (readonly [flag: string, parameter: string, description: string])[] = [
  ["--event-name <name>", "eventName", "API action as recorded; a trailing * matches any ending"],
  ["--event-source <host>", "eventSource", "service, e.g. s3.amazonaws.com or s3*"],
  ["--event-id <id>", "eventId", "one event"],
  ["--username <name>", "username", "user, or session name of a role"],
  ["--access-key-id <id>", "accessKeyId", "access key that signed the call"],
  ["--resource-name <name>", "resourceName", "name, id or ARN of a resource"],
  ["--resource-type <type>", "resourceType", "e.g. AWS::IAM::Role"],
  ["--read-only <true|false>", "readOnly", "reads or changes only"],
  ["--account <id>", "account", "one account, or several with commas; all where not given"],
  ["--region <name>", "region", "one region, or several with commas; all where not given"],
  ["--category <name>", "category", "management, data, networkActivity or insight"],
  ["--text <words>", "text", "text anywhere in the record, letter for letter"],
];

export function addEventFilters(command: Command): Command {
  for (const [flag, , description] of FILTERS) command.addOption(new Option(flag, description));
  return command;
}

export function filterParameters(options: Readonly<Record<string, unknown>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [, parameter] of FILTERS) {
    const value = options[parameter];
    if (typeof value === "string") query.set(parameter, value);
  }
  return query;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A moment: ISO 8601, epoch seconds, or an age (`15m`, `2h`, `7d`). Answers epoch seconds. */
export function parseTime(text: string, nowMilliseconds: number): number {
  const age = /^(\d+)([smhd])$/.exec(text);
  if (age !== null) return Math.floor(nowMilliseconds / 1000) - Number(age[1]) * (UNITS[age[2] ?? "s"] ?? 1);
  if (/^\d{9,11}$/.test(text)) return Number(text);
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) {
    throw new CliError(`"${text}" is no time; write 2026-03-02T09:05:00Z, epoch seconds, or an age such as 15m, 2h, 7d`);
  }
  return Math.floor(milliseconds / 1000);
}
