import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { rmSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startOpenTrail, until, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { queryCall, send } from "../support/raw-call.ts";

let backend: Server;
/** Answers that the backend has not given yet. */
let waiting: ServerResponse[];
let trail: OpenTrailProcess;
let again: OpenTrailProcess | undefined;

beforeEach(async () => {
  waiting = [];
  backend = createServer((request, response) => void request.resume().on("end", () => waiting.push(response)));
  backend.listen(0, "127.0.0.1");
  await once(backend, "listening");
  trail = await startOpenTrail({ flags: ["--upstream", `http://127.0.0.1:${(backend.address() as AddressInfo).port}`] });
});
afterEach(async () => {
  await again?.stop();
  again = undefined;
  await trail.remove();
  backend.closeAllConnections();
  backend.close();
});

const createUser = async (name: string): Promise<number> =>
  await send(trail.url, queryCall("iam", "2010-05-08", "CreateUser", { UserName: name }));

test("SIGTERM: calls in progress get their answers, new ones are not taken, and everything is found after a restart", async () => {
  const names = Array.from({ length: 20 }, (_, at) => `user${at}`);
  const answers = Promise.all(names.map(createUser));
  // Watchers do not hold it up.
  const watched = await fetch(`${trail.url}/_opentrail/tail`);
  await until(async () => (waiting.length === names.length ? true : undefined), "the backend to have all calls");
  const ended = trail.stop("SIGTERM");
  await until(async () => (trail.log().includes("stopping") ? true : undefined), "the signal to be heard");
  await expect(createUser("late")).rejects.toThrow();
  for (const response of waiting) response.end("<Done/>");
  expect(await answers).toEqual(names.map(() => 200));
  expect(await ended).toBe(0);
  await watched.text().catch(() => {});
  expect(trail.log()).not.toMatch(/"level":50/);

  again = await startOpenTrail({ dataDir: trail.dataDir });
  const records = await again.untilEvents({}, names.length);
  expect(records.map((record) => record["requestParameters"].userName).toSorted()).toEqual(names.toSorted());
});

test("a second signal ends it at once", async () => {
  const answer = createUser("ada");
  answer.catch(() => {});
  await until(async () => (waiting.length === 1 ? true : undefined), "the backend to have the call");
  const ended = trail.stop("SIGTERM");
  await until(async () => (trail.log().includes("stopping") ? true : undefined), "the first signal to be heard");
  process.kill(trail.pid, "SIGTERM");
  expect(await ended).toBe(1);
  await expect(answer).rejects.toThrow();
  rmSync(trail.dataDir, { recursive: true });
});

test("a Ctrl-C that arrives twice, from the terminal and passed on by npm, is one", async () => {
  const answer = createUser("ada");
  await until(async () => (waiting.length === 1 ? true : undefined), "the backend to have the call");
  const ended = trail.stop("SIGINT");
  await until(async () => (trail.log().includes("stopping") ? true : undefined), "the first signal to be heard");
  process.kill(trail.pid, "SIGINT");
  waiting[0]?.end("<Done/>");
  expect(await answer).toBe(200);
  expect(await ended).toBe(0);
});
