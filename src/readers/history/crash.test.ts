import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createHistory } from "./create-history.ts";
import { ACCOUNT, crashEntry, expected, ids, REGION, TODAY } from "./history.test-support.ts";

const UNTIL = 20_000;

/** Runs the child until it ends or dies; answers the positions that it printed: none if it died while it opened the history. */
async function run(dir: string, death: Death = {}): Promise<readonly number[]> {
  const script = fileURLToPath(new URL("./crash-child.test-support.ts", import.meta.url));
  const child = spawn(process.execPath, [script, dir, String(UNTIL), ...(death.at ?? [])], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = once(child, "close");
  if (death.afterMilliseconds !== undefined) {
    await Promise.race([ended, once(child.stdout, "data")]);
    await Promise.race([ended, setTimeout(death.afterMilliseconds)]);
    child.kill("SIGKILL");
  }
  await ended;
  if (death.at !== undefined) expect(child.signalCode).toBe("SIGKILL");
  // A line that was cut off is none.
  return output.split("\n").slice(0, -1).map(Number);
}

interface Death {
  readonly afterMilliseconds?: number;
  readonly at?: readonly [moment: string, count: string];
}

/** Every event once, in its place, by time and by attribute. */
async function check(dir: string): Promise<void> {
  const entries = Array.from({ length: UNTIL }, (_, at) => crashEntry(at + 1));
  const clock = { now: () => TODAY * 1000 };
  const history = createHistory({ dir, retentionDays: 90, dataEvents: false, clock, logger: pino({ level: "silent" }) });
  expect(history.stats()).toMatchObject({ events: UNTIL, position: UNTIL });
  const query = { account: ACCOUNT, region: REGION, category: "management", limit: 50 } as const;
  for (const attribute of [undefined, { key: "Username", value: "user-3" } as const]) {
    const found: string[] = [];
    for (let token: string | undefined; ;) {
      const page = history.lookup({ ...query, ...(attribute && { attribute }), ...(token !== undefined && { token }) });
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

test("killed at any moment, again and again: nothing is lost, nothing is doubled", { timeout: 60_000 }, async () => {
  let promised = 0;
  let killedUnderway = 0;
  for (let kill = 0; kill < 8 && promised < UNTIL; kill++) {
    const positions = await run(dir, { afterMilliseconds: Math.random() * 200 });
    expect(positions[0] ?? promised).toBeGreaterThanOrEqual(promised);
    promised = positions.at(-1) ?? promised;
    if (positions.length > 1 && promised < UNTIL) killedUnderway += 1;
  }
  expect(killedUnderway).toBeGreaterThan(0);
  expect((await run(dir)).at(-1)).toBe(UNTIL);
  await check(dir);
});

test.each(["committed", "segment-written", "released"])(
  "killed in mid-batch, each time %s",
  { timeout: 60_000 },
  async (moment) => {
    let promised = 0;
    for (const count of ["1", "4", "5", "6", "9"]) {
      const positions = await run(dir, { at: [moment, count] });
      expect(positions[0] ?? promised).toBeGreaterThanOrEqual(promised);
      promised = positions.at(-1) ?? promised;
    }
    expect(promised).toBeGreaterThan(0);
    expect((await run(dir)).at(-1)).toBe(UNTIL);
    await check(dir);
  },
);
