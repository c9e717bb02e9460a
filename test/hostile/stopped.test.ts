import { afterEach, describe, expect, test } from "vitest";
import { canLimitFileSize, limitFileSize } from "../support/file-size-limit.ts";
import { type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { createUser, LONG, request, said, signedFor } from "./support/aws-request.ts";
import { flood } from "./support/flood.ts";
import { gatewayCounts } from "./support/gateway-counts.ts";
import { residentMegabytes } from "./support/process-facts.ts";
import { RawConnection } from "./support/raw-connection.ts";
import { settled } from "./support/settled.ts";
import { startStrictUpstream, type StrictUpstream } from "./support/strict-upstream.ts";

let upstream: StrictUpstream;
let trail: OpenTrailProcess;

async function start(): Promise<void> {
  upstream = await startStrictUpstream(() => said(), false);
  trail = await startOpenTrail({ flags: ["--upstream", upstream.url, "--log-level", "error"] });
}
afterEach(async () => {
  await trail?.remove();
  await upstream?.close();
});

const CALLS = LONG ? 200_000 : 6000;

/** Calls until so many are answered; gives how many were. */
async function call(calls: number): Promise<number> {
  let answered = 0;
  while (answered < calls)
    answered +=
      (await flood({ url: trail.url, connections: 32, milliseconds: 1000, next: (at) => createUser(`user${at}`) })).statuses.get(
        200,
      ) ?? 0;
  return answered;
}

const watching = async (): Promise<number> => (await trail.get<{ watching: number }>("status")).watching;

describe("a stopped reader", () => {
  test("that watches and reads nothing costs no memory, and loses its place after a while", async () => {
    await start();
    await call(2000);
    const before = residentMegabytes(trail.pid);
    const deaf = Array.from({ length: 5 }, () => new RawConnection(trail.url));
    const attentive = new RawConnection(trail.url, undefined, 0);
    let heard = 0;
    attentive.socket.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1").split("\ndata: {").length - 1));
    for (const connection of deaf) connection.socket.pause();
    for (const connection of [...deaf, attentive]) connection.send(request("GET /_opentrail/tail HTTP/1.1", ["Host: localhost"]));
    await until(async () => ((await watching()) === deaf.length + 1 ? true : undefined), "everybody to watch");
    // Large records, since the system's own buffers take some megabytes before anybody is stopped.
    const policy = "x".repeat(60_000);
    const form = `Action=PutUserPolicy&Version=2010-05-08&UserName=u&PolicyName=p&PolicyDocument=${policy}`;
    const large = request(
      "POST / HTTP/1.1",
      [
        "Host: localhost",
        ...signedFor("iam"),
        "Content-Type: application/x-www-form-urlencoded",
        `Content-Length: ${form.length}`,
      ],
      form,
    );
    let answered = 0;
    while (answered < 600)
      answered += (await flood({ url: trail.url, connections: 4, milliseconds: 1000, next: () => large })).answered;
    await settled(trail.url);
    await until(async () => (heard >= answered * 0.9 ? true : undefined), "the attentive one to hear of it");
    expect(residentMegabytes(trail.pid) - before).toBeLessThan(400);
    if (LONG)
      await until(async () => ((await watching()) === 1 ? true : undefined), "the deaf ones to lose their places", 60_000);
    for (const connection of [...deaf, attentive]) connection.close();
    await until(async () => ((await watching()) === 0 ? true : undefined), "nobody to watch");
  });

  test.skipIf(!canLimitFileSize)("history that cannot write lags on disk while calls go on, and catches up", async () => {
    await start();
    await call(2000);
    await settled(trail.url);
    const before = residentMegabytes(trail.pid);
    const { history } = await trail.get<{ history: { events: number } }>("status");
    // The journal has room in the file that it made beforehand; the history's files have to grow.
    limitFileSize(trail.pid, 100_000);
    const answered = await call(Math.min(CALLS, 10_000));
    const during = await gatewayCounts(trail.url);
    expect(during.lag).toBeGreaterThan(answered / 2);
    const { journal } = await trail.get<{ journal: { first: number; last: number } }>("status");
    expect(journal.last - journal.first).toBeGreaterThanOrEqual(during.lag - 1);
    expect(residentMegabytes(trail.pid) - before).toBeLessThan(350);
    limitFileSize(trail.pid, undefined);
    const { recorded } = await settled(trail.url, 90_000);
    const after = await trail.get<{ history: { events: number } }>("status");
    expect(after.history.events).toBe(recorded);
    expect(after.history.events).toBeGreaterThan(history.events + answered - 1);
  });
});

test("a process that stands still for a while loses nothing, and answers all that waited", async () => {
  await start();
  await call(500);
  const before = await settled(trail.url);
  const seen = upstream.seen;
  const load = flood({
    url: trail.url,
    connections: 50,
    milliseconds: LONG ? 15_000 : 6000,
    next: (at) => createUser(`paused${at}`),
  });
  await until(
    async () => ((await gatewayCounts(trail.url)).arrived > before.arrived + 200 ? true : undefined),
    "calls to be under way",
  );
  process.kill(trail.pid, "SIGSTOP");
  await new Promise((later) => setTimeout(later, LONG ? 10_000 : 3000));
  process.kill(trail.pid, "SIGCONT");
  const { sent, answered, cut, statuses } = await load;
  expect([cut, [...statuses.keys()]]).toEqual([0, [200]]);
  expect(answered).toBe(sent);
  const after = await settled(trail.url);
  expect(after.arrived - before.arrived).toBe(sent);
  expect(after.recorded - before.recorded).toBe(sent);
  expect(upstream.seen - seen).toBe(sent);
});
