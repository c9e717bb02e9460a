import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { isoSeconds } from "../base/clock.ts";
import type { Terminal } from "../serve/cli/terminal.ts";
import { readConfig } from "./read-config.ts";
import type { Verified, VerifiedPart } from "./verify-data.ts";

interface VerifyFlags {
  readonly dataDir?: string;
  readonly config?: string;
  readonly json?: true;
  readonly setAside?: true;
}

/** Of the process. */
const EXIT = { sound: 0, damaged: 1, unchecked: 2 } as const;

/** `opentrail verify`: whether all that is stored is whole. */
export function addVerifyCommand(program: Command, terminal: Terminal): void {
  program
    .command("verify")
    .description(
      "check everything in the data directory, while no server uses it; exits 0 when sound, 1 when damaged, 2 when it could not be checked",
    )
    .option("--data-dir <dir>", "where everything is kept (default: ./opentrail-data)")
    .option("--config <file>", "settings as YAML, for their dataDir")
    .option("--set-aside", "move damaged journal files aside and go on with all that is readable; the gap is recorded")
    .option("--json", "one JSON object")
    .action(async (flags: VerifyFlags) => {
      process.exitCode = await verify(flags, terminal);
    });
}

async function verify({ json, setAside, ...flags }: VerifyFlags, terminal: Terminal): Promise<number> {
  const dataDir = resolve(readConfig(flags, terminal.environment).dataDir);
  if (!existsSync(dataDir)) {
    terminal.note(`There is no data directory ${dataDir}; give --data-dir DIR`);
    return EXIT.unchecked;
  }
  // The client commands start faster without the stores' modules.
  const { verifyData } = await import("./verify-data.ts");
  const progress = (part: string, done: number, of: number): void => {
    terminal.progress?.(`${part}: ${of === 0 ? 100 : Math.floor((done / of) * 100)} %`);
  };
  let verified = await verifyData(dataDir, progress);
  terminal.progress?.("");
  const aside = setAside === true ? await goOnWithout(dataDir, verified, terminal) : [];
  if (aside.length > 0) {
    verified = await verifyData(dataDir, progress);
    terminal.progress?.("");
  }
  const state = stateOf(verified.parts);
  if (json === true) terminal.print(JSON.stringify({ dataDir, state, parts: verified.parts, setAside: aside }));
  else for (const line of [...aside.flatMap(describeAside), ...describe(verified.parts)]) terminal.print(line);
  return EXIT[state];
}

interface Aside {
  readonly path: string;
  readonly movedTo: string;
  readonly lost: readonly { readonly first: number; readonly last: number }[];
}

async function goOnWithout(dataDir: string, { parts, seen }: Verified, terminal: Terminal): Promise<readonly Aside[]> {
  const isDamaged = parts.some(({ part, state }) => (part === "journal" || part === "positions") && state === "damaged");
  if (!isDamaged) return [];
  const { setAsideDamage } = await import("../journal/drivers/segments/set-aside.ts");
  return await setAsideDamage({ directory: join(dataDir, "journal"), seen, now: isoSeconds(terminal.clock.now()) });
}

function stateOf(parts: readonly VerifiedPart[]): keyof typeof EXIT {
  if (parts.some(({ state }) => state === "damaged")) return "damaged";
  return parts.some(({ state }) => state === "unchecked") ? "unchecked" : "sound";
}

function* describe(parts: readonly VerifiedPart[]): Generator<string> {
  for (const { part, state, summary } of parts) {
    yield `${part.padEnd(11)}${state === "unchecked" ? `NOT CHECKED: ${summary}` : `${summary}: ${state === "sound" ? "sound" : "DAMAGED"}`}`;
  }
  for (const { findings } of parts) {
    for (const { file, place, what, remedy } of findings) {
      yield `\n${file}${place === undefined ? "" : `, ${place}`}: ${what}`;
      yield `  ${remedy}.`;
    }
  }
}

function describeAside({ path, movedTo, lost }: Aside): readonly string[] {
  const ranges = lost.map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`));
  return [
    `Set aside  ${path}`,
    `           is kept as ${movedTo}; ${ranges.length === 0 ? "no entry is lost" : `lost: entries ${ranges.join(", ")}`}`,
  ];
}
