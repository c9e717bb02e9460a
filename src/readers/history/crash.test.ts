import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createHistory } from "./create-history.ts";
import { ACCOUNT, crashEntry, expected, ids, REGION, TODAY } from "./history.test-support.ts";

const UNTIL = 12_000;

const CHILD = fileURLToPath(new URL("./crash-child.test-support.ts", import.meta.url));
const MOMENTS = fileURLToPath(new URL("./crash-moments.test-support.ts", import.meta.url));

/** Runs the child until it ends or dies; answers what it printed: nothing if it died while it opened the history. */
async function run(dir: string, threaded: boolean, death: Death = {}): Promise<Run> {
  const moments = death.at === undefined ? [] : ["--import", MOMENTS];
  const [moment = "", count = ""] = death.at ?? [];
  const child = spawn(process.execPath, [...moments, CHILD, dir, String(UNTIL), threaded ? "threaded" : "alone"], {
    env: { ...process.env, CRASH_MOMENT: moment, CRASH_COUNT: count, CRASH_HOW: death.how ?? "process" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  const said = Promise.withResolvers<void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (output.split("\n").length > (death.afterLines ?? 1)) said.resolve();
  });
  const ended = once(child, "close");
  if (death.afterMilliseconds !== undefined) {
    await Promise.race([ended, said.promise]);
    await Promise.race([ended, setTimeout(death.afterMilliseconds)]);
    child.kill("SIGKILL");
  }
  await ended;
  if (death.at !== undefined)
    expect([child.signalCode, child.exitCode]).toEqual(death.how === "thread" ? [null, 0] : ["SIGKILL", null]);
  // A line that was cut off is none.
  const lines = output.split("\n").slice(0, -1);
  return {
    positions: lines.filter((line) => line !== "ended").map(Number),
    ends: lines.filter((line) => line === "ended").length,
  };
}

interface Run {
  /** That it said are durable. */
  readonly positions: readonly number[];
  /** How often its thread ended and was started again. */
  readonly ends: number;
}

interface Death {
  /** That it has printed before the milliseconds begin; default 1: where it began. */
  readonly afterLines?: number;
  readonly afterMilliseconds?: number;
  readonly at?: readonly [moment: string, count: string];
  readonly how?: "process" | "thread";
}

/** Every event once, in its place, by time and by attribute. */
async function check(dir: string): Promise<void> {
  const entries = Array.from({ length: UNTIL }, (_, at) => crashEntry(at + 1));
  const clock = { now: () => TODAY * 1000 };
  const history = createHistory({ dir, retentionDays: 90, dataEvents: false, clock, logger: pino({ level: "silent" }) });
  expect(await history.stats()).toMatchObject({ events: UNTIL, position: UNTIL });
  const query = { account: ACCOUNT, region: REGION, category: "management", limit: 50 } as const;
  for (const attribute of [undefined, { key: "Username", value: "user-3" } as const]) {
    const found: string[] = [];
    for (let token: string | undefined; ;) {
      const page = await history.lookup({ ...query, ...(attribute && { attribute }), ...(token !== undefined && { token }) });
      found.push(...ids(page.events));
      token = page.nextToken;
      if (token === undefined) break;
    }
    const includes = (): boolean => true;
    expect(found).toEqual(expected(entries, { includes, attributes: attribute ? [attribute] : [], snapshot: UNTIL }));
  }
  await history.close();
}

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "opentrail-history-crash-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const MOMENTS_OF_A_BATCH = ["committed", "in-a-segment", "segment-written", "released"];

describe.each([
  ["in the program's thread", false],
  ["in a thread of its own", true],
])("%s", (_, threaded) => {
  test("killed at any moment, again and again: nothing is lost, nothing is doubled", { timeout: 60_000 }, async () => {
    let promised = 0;
    let killedUnderway = 0;
    for (let kill = 0; kill < 8 && promised < UNTIL; kill++) {
      // Every other time it has stored a batch before, however slow the machine is.
      const { positions } = await run(dir, threaded, { afterLines: 1 + (kill % 2), afterMilliseconds: Math.random() * 200 });
      expect(positions[0] ?? promised).toBeGreaterThanOrEqual(promised);
      promised = positions.at(-1) ?? promised;
      if (positions.length > 1 && promised < UNTIL) killedUnderway += 1;
    }
    expect(killedUnderway).toBeGreaterThan(0);
    expect((await run(dir, threaded)).positions.at(-1)).toBe(UNTIL);
    await check(dir);
  });

  test.each(MOMENTS_OF_A_BATCH)("killed in mid-batch, each time %s", { timeout: 60_000 }, async (moment) => {
    let promised = 0;
    for (const count of ["1", "2", "3", "4"]) {
      const { positions } = await run(dir, threaded, { at: [moment, count] });
      expect(positions[0] ?? promised).toBeGreaterThanOrEqual(promised);
      promised = positions.at(-1) ?? promised;
    }
    expect(promised).toBeGreaterThan(0);
    expect((await run(dir, threaded)).positions.at(-1)).toBe(UNTIL);
    await check(dir);
  });
});

test.each(MOMENTS_OF_A_BATCH)(
  "a thread that ends each time %s is started again and goes on from its position",
  { timeout: 60_000 },
  async (moment) => {
    const { positions, ends } = await run(dir, true, { at: [moment, "5"], how: "thread" });
    expect(ends).toBeGreaterThan(0);
    expect(positions.at(-1)).toBe(UNTIL);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    await check(dir);
  },
);
