import type { Command } from "commander";
import type { JsonObject } from "../../aws/tree.ts";
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
  addEventFilters(command).action(async (options: Readonly<Record<string, unknown>>) => {
    await tail(options, terminal);
  });
}

async function tail(options: Readonly<Record<string, unknown>>, terminal: Terminal): Promise<void> {
  const client = endpointClient(options["endpoint"] as string | undefined, terminal.environment);
  let left = options["count"] === undefined ? Infinity : Number(options["count"]);
  if (!(left >= 1)) throw new CliError("--count takes a whole number from 1");
  const stop = new AbortController();
  const interrupted = (): void => stop.abort();
  process.once("SIGINT", interrupted);
  try {
    for await (const data of client.events("tail", filterParameters(options), stop.signal)) {
      terminal.print(options["json"] === true ? data : eventLine(JSON.parse(data) as JsonObject));
      left -= 1;
      if (left <= 0) stop.abort();
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    process.off("SIGINT", interrupted);
  }
}
