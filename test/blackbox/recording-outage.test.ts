import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { canLimitFileSize, limitFileSize } from "../support/file-size-limit.ts";
import { startOpenTrail, until, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { authorization, queryCall, send } from "../support/raw-call.ts";
import { startBackend, type Backend } from "../support/recorded-backend.ts";

interface Status {
  readonly calls: Readonly<Record<"arrived" | "recorded" | "refused" | "notRecorded" | "inFlight", number>>;
  readonly refusals: Readonly<Record<"journal" | "overload" | "internal", number>>;
  readonly journal: { readonly last: number; readonly writable: boolean };
  readonly readers: readonly { readonly name: string; readonly lag: number; readonly problem?: string }[];
}

let backend: Backend;
/** Names of the users that the backend was asked to create. */
let carriedOut: string[];
let trail: OpenTrailProcess;

beforeEach(async () => {
  carriedOut = [];
  backend = await startBackend((_request, body) => {
    carriedOut.push(new URLSearchParams(body.toString()).get("UserName") ?? "");
    return { body: "<Done/>" };
  });
});
afterEach(async () => {
  await trail?.remove();
  await backend.close();
});

async function start(recording: "required" | "best-effort"): Promise<void> {
  const config = join(mkdtempSync(join(tmpdir(), "opentrail-config-")), "opentrail.yaml");
  writeFileSync(config, `recording: ${recording}\nupstreams: { default: "${backend.url}" }\n`);
  trail = await startOpenTrail({ flags: ["--config", config] });
}

const createUser = async (name: string): Promise<number> =>
  await send(trail.url, queryCall("iam", "2010-05-08", "CreateUser", { UserName: name }));
const health = async (): Promise<number> => (await fetch(`${trail.url}/_opentrail/health`)).status;
const healthIs = async (status: number): Promise<void> =>
  void (await until(async () => ((await health()) === status ? true : undefined), `health to be ${status}`));
const recordedNames = async (): Promise<readonly string[]> => {
  await until(async () => {
    const { readers } = await trail.get<Status>("status");
    return readers.every(({ lag }) => lag === 0) ? true : undefined;
  }, "the readers to catch up");
  return (await trail.events()).map((record) => String(record["requestParameters"]?.userName)).toReversed();
};

describe.skipIf(!canLimitFileSize)("while the journal cannot be written", () => {
  test("required: no call reaches the backend, and every answer that was given is on record", async () => {
    await start("required");
    expect(await createUser("before")).toBe(200);
    limitFileSize(trail.pid, 1);
    // Nobody knows yet, but its intent cannot be written.
    expect(await createUser("first")).toBe(503);
    await healthIs(503);
    expect(await Promise.all(Array.from({ length: 20 }, (_, at) => createUser(`during${at}`)))).toEqual(Array(20).fill(503));
    const answer = await fetch(trail.url, {
      method: "POST",
      headers: { authorization: authorization("iam"), "content-type": "application/x-www-form-urlencoded" },
      body: "Action=CreateUser&Version=2010-05-08&UserName=told",
    });
    expect(await answer.text()).toMatch(/Audit recording is unavailable\. The call was not carried out .*EFBIG/);
    expect(carriedOut).toEqual(["before"]);
    limitFileSize(trail.pid, undefined);
    await healthIs(200);
    expect(await createUser("after")).toBe(200);
    expect(carriedOut).toEqual(["before", "after"]);
    expect(await recordedNames()).toEqual(["before", "after"]);
    const { calls, refusals } = await trail.get<Status>("status");
    expect(calls).toMatchObject({ arrived: 24, recorded: 2, refused: 22, notRecorded: 0, inFlight: 0 });
    expect(refusals).toEqual({ journal: 22, overload: 0, internal: 0 });
    const metrics = await (await fetch(`${trail.url}/_opentrail/metrics`)).text();
    expect(metrics).toMatch(/^opentrail_gateway_refused_total\{reason="journal"\} 22$/m);
  });

  test("required: a call that leaves no intent has its answer withheld when its event cannot be written", async () => {
    await start("required");
    limitFileSize(trail.pid, 1);
    const getUser = queryCall("iam", "2010-05-08", "GetUser", { UserName: "read" });
    expect(await send(trail.url, getUser)).toBe(503);
    expect(carriedOut).toEqual(["read"]);
    await healthIs(503);
    expect(await send(trail.url, getUser)).toBe(503);
    expect(carriedOut).toEqual(["read"]);
    expect((await trail.get<Status>("status")).calls).toMatchObject({ refused: 1, notRecorded: 1 });
  });

  test("best-effort: calls pass, those that left no record are counted, and the gap is on record", async () => {
    await start("best-effort");
    expect(await createUser("before")).toBe(200);
    limitFileSize(trail.pid, 1);
    for (const name of ["one", "two", "three"]) expect(await createUser(name)).toBe(200);
    expect(await health()).toBe(503);
    limitFileSize(trail.pid, undefined);
    await healthIs(200);
    expect(await createUser("after")).toBe(200);
    expect(carriedOut).toEqual(["before", "one", "two", "three", "after"]);
    const [gap, ...more] = await trail.untilEvents({ eventName: "RecordingGap" });
    expect(more).toEqual([]);
    expect(gap).toMatchObject({
      eventSource: "cloudtrail.amazonaws.com",
      eventType: "AwsServiceEvent",
      serviceEventDetails: { unrecordedCalls: 3, succeededCalls: 3, reason: expect.stringContaining("EFBIG") as string },
    });
    expect((await recordedNames()).filter((name) => name !== "undefined")).toEqual(["before", "after"]);
    expect((await trail.get<Status>("status")).calls).toMatchObject({
      arrived: 5,
      recorded: 2,
      refused: 0,
      notRecorded: 3,
      inFlight: 0,
    });
    expect(trail.log()).toContain("a call could not be recorded");
  });

  test("event history alone: calls go on, its lag and why are shown, and nothing is missing afterwards", async () => {
    await start("required");
    // The journal has room in the file that it made beforehand; the history's files still have to grow.
    limitFileSize(trail.pid, 100_000);
    const names = Array.from({ length: 40 }, (_, at) => `user${at}`);
    for (const name of names) expect(await createUser(name)).toBe(200);
    const history = await until(async () => {
      const { readers } = await trail.get<Status>("status");
      return readers.find(({ name, problem }) => name === "history" && problem !== undefined);
    }, "history to be in trouble");
    expect(history.lag).toBeGreaterThan(0);
    expect(await health()).toBe(200);
    limitFileSize(trail.pid, undefined);
    expect(await recordedNames()).toEqual(names);
  });
});
