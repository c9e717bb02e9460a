import type { Command } from "commander";
import type { Status } from "../status.ts";
import { type AccessFlags, addAccessFlags, clientAccess } from "./client-access.ts";
import { endpointClient } from "./endpoint-client.ts";
import type { Terminal } from "./terminal.ts";

/** `opentrail status`: counts that add up, positions, lags, disk. */
export function addStatusCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command("status")
    .description("show what has been recorded, how far the readers are, and the disk")
    .option("--endpoint <url>", "where OpenTrail is (default: AWS_ENDPOINT_URL, then http://127.0.0.1:4580)")
    .option("--json", "one JSON object");
  addAccessFlags(command).action(async (options: { endpoint?: string; json?: true } & AccessFlags) => {
    const access = clientAccess(options, terminal.environment, terminal.clock);
    const status = await endpointClient(options.endpoint, terminal.environment, access).getJson<Status>("status");
    if (options.json === true) terminal.print(JSON.stringify(status));
    else for (const line of describe(status)) terminal.print(line);
  });
}

function describe(status: Status): readonly string[] {
  const { calls, journal, history, disk } = status;
  return [
    `OpenTrail ${status.version}, since ${status.startedAt}, recording: ${status.recording}, in front of ${status.backend}`,
    `calls      ${calls.arrived} = ${calls.recorded} recorded + ${counted(calls.notSelected, "data call")} not selected + ` +
      `${calls.notAuthenticated} not authenticated + ${calls.neverLeft} never passed on + ${calls.refused} refused + ${calls.notRecorded} not recorded + ${calls.inFlight} in flight`,
    `journal    ${journal.last === 0 ? "empty" : `entries ${journal.first} to ${journal.last} held`}, ` +
      `${bytes(journal.bytes)}${journal.writable ? "" : `, NOT WRITABLE: ${journal.problem ?? "unknown reason"}`}`,
    ...journal.lost.map(
      ({ first, last, reason, setAsideAt }) => `lost       entries ${first} to ${last}, set aside ${setAsideAt}: ${reason}`,
    ),
    ...status.readers.map(
      ({ name, position, lag, problem }) =>
        `reader     ${name} at ${position}, ${lag} behind${problem === undefined ? "" : `: ${problem}`}`,
    ),
    ...status.trails.map(
      ({ arn, logging, recorded, delivered, filtered, pending, expired, error }) =>
        `trail      ${arn}${logging ? "" : " (not logging)"}: ${recorded} recorded = ${delivered} delivered + ${filtered} filtered + ` +
        `${pending} pending${expired === 0 ? "" : ` + ${expired} GIVEN UP`}${error === undefined ? "" : `; ITS BUCKET ANSWERS ${error}`}`,
    ),
    `history    ${counted(history.events, "event")} of ${counted(history.days, "day")}, ${bytes(history.bytes)}, ` +
      `kept for ${counted(history.retentionDays, "day")}` +
      (history.unreadableDays.length === 0 ? "" : `, UNREADABLE: ${history.unreadableDays.join(", ")}`),
    ...status.damage.map((text) => `DAMAGED    ${text}`),
    `disk       ${bytes(disk.freeBytes)} free of ${bytes(disk.totalBytes)} at ${disk.path}` +
      (disk.warning === undefined ? "" : `, ${disk.level.toUpperCase()}: ${disk.warning}`),
  ];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let [value, unit] = [count, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ""}`;
}
