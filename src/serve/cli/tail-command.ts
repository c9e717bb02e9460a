import type { Command } from "commander";
import type { JsonObject } from "../../aws/tree.ts";
import { type AccessFlags, addAccessFlags, clientAccess } from "./client-access.ts";
import { CliError, endpointClient } from "./endpoint-client.ts";
import { addEventFilters, filterParameters } from "./event-filter.ts";
import { eventLine } from "./event-line.ts";
import type { Terminal } from "./terminal.ts";

/** `opentrail tail`: events as they are recorded, until interrupted. */
export function addTailCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command("tail")
    .description("show events as they happen, until interrupted")
    .option("--count <number>", "stop after so many events")
    .option("--endpoint <url>", "where OpenTrail is (default: AWS_ENDPOINT_URL, then http://127.0.0.1:4580)")
    .option("--json", "whole records, one JSON object a line");
  addEventFilters(addAccessFlags(command)).action(async (options: Readonly<Record<string, unknown>>) => {
    await tail(options, terminal);
  });
}

async function tail(options: Readonly<Record<string, unknown>>, terminal: Terminal): Promise<void> {
  const access = clientAccess(options as AccessFlags, terminal.environment, terminal.clock);
  const client = endpointClient(options["endpoint"] as string | undefined, terminal.environment, access);
  let left = options["count"] === undefined ? Infinity : Number(options["count"]);
  if (!(left >= 1) || left % 1 > 0) throw new CliError("--count takes a whole number from 1");
  const stop = new AbortController();
  // Never taken off: one Ctrl-C may arrive twice (from the terminal, and passed on by npm), and this is the last that happens.
  process.on("SIGINT", () => stop.abort());
  try {
    for await (const { name, data } of client.events("tail", filterParameters(options), stop.signal)) {
      if (name === "skipped")
        terminal.note(`${data} events came faster than they were read here; "opentrail lookup" finds them.`);
      if (name !== undefined) continue;
      terminal.print(options["json"] === true ? data : eventLine(JSON.parse(data) as JsonObject));
      left -= 1;
      if (left <= 0) {
        stop.abort();
        break;
      }
    }
    if (!stop.signal.aborted) terminal.note(`${client.url} ended the stream.`);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}
