import type { Command } from "commander";
import type { JsonObject } from "../../aws/tree.ts";
import { type AccessFlags, addAccessFlags, clientAccess } from "./client-access.ts";
import { CliError, endpointClient } from "./endpoint-client.ts";
import { addEventFilters, filterParameters, parseTime } from "./event-filter.ts";
import { eventLine } from "./event-line.ts";
import type { Terminal } from "./terminal.ts";

interface EventsPage {
  readonly events: readonly JsonObject[];
  readonly nextToken?: string;
}

/** `opentrail lookup`: event history with several attributes at once, newest first. */
export function addLookupCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command("lookup")
    .description("find events in event history, newest first")
    .option("--from <time>", "not before: ISO 8601, epoch seconds, or an age such as 15m, 2h, 7d")
    .option("--to <time>", "not after")
    .option("--limit <count>", "how many at most", "50")
    .option("--endpoint <url>", "where OpenTrail is (default: AWS_ENDPOINT_URL, then http://127.0.0.1:4580)")
    .option("--json", "whole records, one JSON object a line");
  addEventFilters(addAccessFlags(command)).action(async (options: Readonly<Record<string, unknown>>) => {
    await lookup(options, terminal);
  });
}

async function lookup(options: Readonly<Record<string, unknown>>, terminal: Terminal): Promise<void> {
  const access = clientAccess(options as AccessFlags, terminal.environment, terminal.clock);
  const client = endpointClient(options["endpoint"] as string | undefined, terminal.environment, access);
  const query = filterParameters(options);
  for (const name of ["from", "to"]) {
    const value = options[name];
    if (typeof value === "string") query.set(name, String(parseTime(value, terminal.clock.now())));
  }
  let left = Number(options["limit"]);
  if (!Number.isInteger(left) || left < 1) throw new CliError("--limit takes a whole number from 1");

  let found = 0;
  for (;;) {
    query.set("limit", String(Math.min(left, 50)));
    const page = await client.getJson<EventsPage>("events", query);
    for (const record of page.events) terminal.print(options["json"] === true ? JSON.stringify(record) : eventLine(record));
    found += page.events.length;
    left -= page.events.length;
    if (page.nextToken === undefined || left <= 0) break;
    query.set("nextToken", page.nextToken);
  }
  if (found === 0 && options["json"] !== true) terminal.note("No events match.");
}
