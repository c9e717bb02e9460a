import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenTrailProcess, startOpenTrail } from "../support/opentrail-process.ts";
import { createUser, LONG, said } from "./support/aws-request.ts";
import { flood } from "./support/flood.ts";
import { gatewayCounts } from "./support/gateway-counts.ts";
import { openFiles, residentMegabytes, watchMemory } from "./support/process-facts.ts";
import { RawConnection } from "./support/raw-connection.ts";
import { settled } from "./support/settled.ts";
import { startStrictUpstream, type StrictUpstream } from "./support/strict-upstream.ts";

const SECONDS = LONG ? 300 : 20;
const MOST_MEGABYTES = 900;

let upstream: StrictUpstream;
let trail: OpenTrailProcess;

beforeAll(async () => {
  upstream = await startStrictUpstream(() => said(), false);
  trail = await startOpenTrail({ flags: ["--upstream", upstream.url, "--log-level", "warn"] });
});
afterAll(async () => {
  await trail?.remove();
  await upstream?.close();
});

/** Median of some ordinary calls, in milliseconds. */
async function latency(): Promise<number> {
  const connection = new RawConnection(trail.url);
  const times: number[] = [];
  for (let at = 0; at < 31; at += 1) {
    const started = performance.now();
    connection.send(createUser("quiet"));
    await connection.answer(at);
    times.push(performance.now() - started);
  }
  connection.close();
  return times.sort((a, b) => a - b)[15] ?? Number.NaN;
}

test(`many times what it can carry, for ${SECONDS} seconds`, async () => {
  const files = openFiles(trail.pid);
  await flood({ url: trail.url, connections: 32, milliseconds: 2000, next: (at) => createUser(`warm${at}`) });
  const carried = await flood({ url: trail.url, connections: 32, milliseconds: 3000, next: (at) => createUser(`carried${at}`) });
  const capacity = carried.answered / 3;
  const quiet = await latency();
  const before = residentMegabytes(trail.pid);
  const start = await settled(trail.url);
  const seen = upstream.seen;

  const memory = watchMemory(trail.pid);
  const refusals = new Set<string>();
  const ids: string[] = [];
  const load = await flood({
    url: trail.url,
    // Each waits for its answer, so as many calls are due at any moment; at 32 the process is busy already.
    connections: 3000,
    milliseconds: SECONDS * 1000,
    next: (at) => createUser(`load${at}`),
    onAnswer: (status, body, id) => {
      if (status === 200 && id !== undefined) ids.push(id);
      if (status !== 200) refusals.add(`${status} ${/<Code>(\w+)<\/Code>/.exec(body)?.[1]}`);
    },
  });
  const ended = performance.now();
  const most = memory.stop();

  // Seconds after the end of the load, calls take what they took before.
  let after = await latency();
  while (after > quiet * 5 + 20 && performance.now() - ended < 10_000) after = await latency();
  const recovery = performance.now() - ended;
  const counts = await settled(trail.url, 60_000);

  process.stdout.write(
    `${JSON.stringify({ capacity: Math.round(capacity), quiet, load: { ...load, statuses: [...load.statuses] }, megabytes: { before, most, after: residentMegabytes(trail.pid) }, recovery: Math.round(recovery), after })}\n`,
  );
  expect(recovery).toBeLessThan(10_000);
  expect(most).toBeLessThan(MOST_MEGABYTES);
  expect(load.cut).toBe(0);
  expect(
    [...refusals].filter((refusal) => refusal !== "503 ServiceUnavailable"),
    trail.log().slice(-2000),
  ).toEqual([]);
  expect(ids.length).toBeGreaterThan(capacity * SECONDS * 0.3);
  // None lost: whatever came was recorded or refused, and whatever was answered is on record.
  expect(counts.arrived - start.arrived).toBeGreaterThanOrEqual(load.sent);
  expect(counts.refused - start.refused).toBe(load.statuses.get(503) ?? 0);
  expect(upstream.seen - seen).toBe(counts.recorded - start.recorded);
  const { history } = await trail.get<{ history: { events: number } }>("status");
  expect(history.events).toBe(counts.recorded);
  const wanted = LONG ? ids.filter((_, at) => at % 50 === 0) : ids.slice(-5000);
  const recorded = new Set((await trail.events()).map(({ requestID }) => String(requestID)));
  expect(wanted.filter((id) => !recorded.has(id))).toEqual([]);
  expect((await gatewayCounts(trail.url)).open).toBe(0);
  expect(openFiles(trail.pid)).toBeLessThan(files + 200);
});
