import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { clockJumps, momentAhead } from "./clock-jumps.ts";
import { damage } from "./damage.ts";
import { deliveryClock } from "./delivery-clock.ts";
import { deliveryFaults } from "./delivery-faults.ts";
import { deliveryFull } from "./delivery-full.ts";
import { deliveryLoop } from "./delivery-loop.ts";
import { diskFull } from "./disk-full.ts";
import { EARLIER_DATA, earlierTrail, earlierVersion } from "./earlier-version.ts";
import { killLoop } from "./kill-loop.ts";
import { pauses } from "./pause.ts";
import { fakeTimeLibrary } from "./support/fake-clock.ts";
import { freshSeed } from "./support/random.ts";
import { canTrace } from "./support/system-calls.ts";
import { systemCallFaults } from "./system-call-faults.ts";

const HELP = `node test/crash/faults.ts [SUITE…] [--rounds N] [--seed N] [--only TEXT] [--sample N] [--processes N] [--project DIR]

The long forms, all of them or those that are named:
  kill      kill -9 under load, in start and recovery: --rounds times (1000); --processes N that capture
  delivery  kill -9 while a trail delivers to a bucket that fails in every way: a tenth of --rounds times
  calls     every file-related system call failing once, or a random --sample; --only those whose name contains TEXT
  trail     the same for the files of delivery, while a trail is made, delivers and is stopped
  full      the disk fills and empties, in three ways, and in two while a trail delivers
  damage    the last block cut at every length, or at a random --sample of them, and --rounds bits flipped
  clock     the clock jumps
  pause     the process stands still for a while
  earlier   an earlier version's data

--project runs another checkout. What is broken is shown with the seed; the data directory is kept.
`;

const SUITES = ["kill", "delivery", "calls", "trail", "full", "damage", "clock", "pause", "earlier"];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "1000" },
    seed: { type: "string" },
    only: { type: "string" },
    sample: { type: "string" },
    processes: { type: "string" },
    project: { type: "string" },
    help: { type: "boolean" },
  },
});
const unknown = positionals.filter((suite) => !SUITES.includes(suite));
if (values.help === true || unknown.length > 0) {
  process.stdout.write(HELP);
  process.exit(unknown.length > 0 ? 2 : 0);
}

// So that what was started ends with it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

const rounds = Number(values.rounds);
const sample = values.sample === undefined ? undefined : Number(values.sample);
let broken = 0;

async function suite(name: string, run: (common: Common) => Promise<unknown>): Promise<void> {
  if (positionals.length > 0 && !positionals.includes(name.split(" ")[0] ?? "")) return;
  const seed = Number(values.seed ?? freshSeed());
  const started = performance.now();
  let shown = started;
  const report = (error: unknown): void => {
    broken += 1;
    process.stdout.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  };
  const common = {
    seed,
    ...(values.project === undefined ? {} : { project: resolve(values.project) }),
    progress: (line: string): void => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${name}: ${line}`);
      else if (performance.now() - shown > 30_000) process.stderr.write(`${name}: ${line}\n`);
      else return;
      shown = performance.now();
    },
    onBroken: report,
  };
  const figures = await run(common).catch(report);
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stderr.write("\n");
  process.stdout.write(`${name} (seed ${seed}, ${seconds} s): ${JSON.stringify(figures)}\n`);
}

interface Common {
  readonly seed: number;
  readonly project?: string;
  readonly progress: (line: string) => void;
  readonly onBroken: (error: unknown) => void;
}

const processes = values.processes === undefined ? {} : { processes: Number(values.processes) };
await suite("kill", (common) => killLoop({ ...common, ...processes, rounds }));
await suite("delivery", (common) => deliveryLoop({ ...common, rounds: Math.ceil(rounds / 10) }));
if (canTrace()) {
  const { only } = values;
  const some = { ...(only === undefined ? {} : { only }), ...(sample === undefined ? {} : { sample }) };
  await suite("calls", (common) => systemCallFaults({ ...common, ...some }));
  await suite("trail", (common) => deliveryFaults({ ...common, ...some }));
}
await suite("full (required)", (common) => diskFull({ ...common, recording: "required" }));
await suite("full (best-effort)", (common) => diskFull({ ...common, recording: "best-effort" }));
await suite("full (delivery)", (common) => deliveryFull(common));
await suite("full (delivery, by limits)", (common) => deliveryFull({ ...common, withoutMount: true }));
await suite("full (by limits)", (common) => diskFull({ ...common, recording: "required", withoutMount: true }));
await suite("damage", (common) => damage({ ...common, flips: rounds, ...(sample === undefined ? {} : { cuts: sample }) }));
const library = fakeTimeLibrary();
if (library !== undefined) {
  await suite("clock (jumps)", (common) => clockJumps({ ...common, library }));
  await suite("clock (a moment ahead)", (common) => momentAhead({ ...common, library }));
  await suite("clock (delivery)", (common) => deliveryClock({ ...common, library, lasting: 70_000 }));
}
await suite("pause", (common) => pauses({ ...common, pauses: 5, milliseconds: 10_000 }));
await suite("earlier", ({ seed }) => earlierVersion(EARLIER_DATA, seed));
await suite("earlier (trails)", ({ seed }) => earlierTrail(EARLIER_DATA, seed));
process.stdout.write(broken === 0 ? "nothing broken\n" : `${broken} broken\n`);
process.exitCode = broken === 0 ? 0 : 1;
