import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createUser } from "./support/call-kinds.ts";
import { markOf, type Violation } from "./support/check-calls.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { journalEntries } from "./support/journal-files.ts";
import { Scene } from "./support/scene.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

export interface ClockJumpsOptions {
  readonly seed: number;
  readonly library: string;
  /** Seconds by which the clock is wrong, one after the other; it is right in the end. */
  readonly jumps?: readonly number[];
  readonly project?: string;
}

export interface ClockJumpsFigures {
  readonly jumps: number;
  readonly restarts: number;
  readonly events: number;
}

const JUMPS = [DAY, 0, -HOUR, 90 * DAY, -365 * DAY, 91 * DAY, 0];

/**
 * The clock jumps while calls come in, and while nothing runs. No call is lost or hangs, the journal's order stays the order of
 * the calls, times are the clock's, and history is whole when the clock is right again. Throws `Broken`.
 */
export async function clockJumps(options: ClockJumpsOptions): Promise<ClockJumpsFigures> {
  const directory = mkdtempSync(join(tmpdir(), "opentrail-clock-"));
  const clock = new FakeClock(options.library, directory);
  // Events of a year ago are to be seen as well.
  const config = join(directory, "opentrail.yaml");
  writeFileSync(config, "history: { retentionDays: 3653 }\n");
  const jumps = options.jumps ?? JUMPS;
  const run = { environment: clock.environment, flags: ["--config", config] };
  let restarts = 0;
  await using scene = await Scene.begin(options);
  await scene.start(run);
  for (const jump of jumps) {
    const load = scene.load({ clients: 4, leaving: false });
    await delay(150);
    clock.set(jump);
    await delay(250);
    await scene.stop(load);
    await sequence(scene, jump);
    if (scene.random.chance(0.5)) {
      restarts += 1;
      await scene.kill();
      await scene.start(run);
    }
    await scene.check();
  }
  for (const jump of [90 * DAY, -365 * DAY, 0]) {
    await scene.kill();
    clock.set(jump);
    restarts += 1;
    await scene.start(run);
    await sequence(scene, jump);
    await scene.check();
  }
  const records = await scene.check();
  rmSync(directory, { recursive: true, force: true });
  return { jumps: jumps.length + 3, restarts, events: records.length };
}

/** A few calls one after the other: their events have the clock's time, and stand in the journal in that order. */
async function sequence(scene: Scene, jump: number): Promise<void> {
  const violations: Violation[] = [];
  const from = Math.floor(Date.now() / 1000) + jump;
  const calls = [];
  for (let at = 0; at < 5; at++) calls.push(await scene.call(createUser));
  const to = Math.ceil(Date.now() / 1000) + jump;
  const marks = calls.map(({ mark }) => mark);
  const found = journalEntries(scene.dataDir)
    .filter(({ kind }) => kind === "event")
    .map(({ body }) => JSON.parse(body.toString()))
    .filter((record) => marks.includes(markOf(record)));
  if (JSON.stringify(found.map(markOf)) !== JSON.stringify(marks)) {
    violations.push({
      promise: "the journal's order is the calls'",
      what: `${marks.join(" ")} became ${found.map(markOf).join(" ")}`,
    });
  }
  for (const record of found) {
    const time = Date.parse(record.eventTime) / 1000;
    if (time < from - 2 || time > to + 2)
      violations.push({
        promise: "an event has the clock's time",
        what: `${record.eventTime} at a jump of ${jump} s`,
        records: [record],
      });
  }
  if (violations.length > 0) scene.break(violations);
}

/**
 * With the usual retention: a clock that is 91 days ahead for a moment, and then right again, takes no event with it.
 */
export async function momentAhead(options: ClockJumpsOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "opentrail-clock-"));
  const clock = new FakeClock(options.library, directory);
  await using scene = await Scene.begin(options);
  for (const restarting of [false, true]) {
    clock.set(0);
    await scene.start({ environment: clock.environment });
    for (let at = 0; at < 5; at++) await scene.call(createUser);
    await scene.check();
    if (restarting) await scene.kill();
    clock.set(91 * DAY);
    if (restarting) await scene.start({ environment: clock.environment });
    for (let at = 0; at < 5; at++) await scene.call(createUser);
    await delay(200);
    clock.set(0);
    for (let at = 0; at < 5; at++) await scene.call(createUser);
    await scene.check();
    await scene.kill();
  }
  rmSync(directory, { recursive: true, force: true });
}
