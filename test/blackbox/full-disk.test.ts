import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { startOpenTrail, until, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { run } from "../support/peers.ts";
import { queryCall, send } from "../support/raw-call.ts";
import { startBackend, type Backend } from "../support/recorded-backend.ts";
import { mountSmallDisk } from "../support/small-disk.ts";

const PROGRAM = join(resolve(import.meta.dirname, "../.."), "bin/opentrail.js");
const MIB = 1024 * 1024;

interface Status {
  readonly journal: { readonly writable: boolean; readonly problem?: string };
  readonly disk: { readonly level: string; readonly warning?: string };
  readonly readers: readonly { readonly lag: number }[];
}

const disk = mountSmallDisk(40 * MIB);
afterAll(() => disk?.remove());

describe.skipIf(disk === undefined)("a disk that fills up", () => {
  let backend: Backend;
  let carriedOut: string[];
  let trail: OpenTrailProcess;
  let dataDir: string;
  let rounds = 0;

  beforeEach(async () => {
    carriedOut = [];
    backend = await startBackend((_request, body) => {
      carriedOut.push(new URLSearchParams(body.toString()).get("UserName") ?? "");
      return { body: "<Done/>" };
    });
    disk!.empty();
    dataDir = join(disk!.path, `data-${rounds++}`);
    mkdirSync(dataDir);
  });
  afterEach(async () => {
    await trail?.remove();
    await backend.close();
  });

  const start = async (): Promise<void> => {
    trail = await startOpenTrail({ dataDir, flags: ["--upstream", backend.url] });
  };
  /** An event of some 40 KB, so that a journal is soon full. */
  const createUser = async (name: string): Promise<number> =>
    await send(trail.url, queryCall("iam", "2010-05-08", "CreateUser", { UserName: name, Path: `/${"p".repeat(40_000)}/` }));
  const health = async (): Promise<{ code: number; status: string; message?: string }> => {
    const response = await fetch(`${trail.url}/_opentrail/health`);
    return { code: response.status, ...((await response.json()) as { status: string; message?: string }) };
  };
  const names = async (): Promise<readonly string[]> => {
    await until(async () => {
      const { readers } = await trail.get<Status>("status");
      return readers.every(({ lag }) => lag === 0) ? true : undefined;
    }, "the readers to catch up");
    return (await trail.events()).map((record) => String(record["requestParameters"]?.userName)).toReversed();
  };

  test("warns before, refuses while, and records again by itself when there is a little space", async () => {
    await start();
    expect(await createUser("first")).toBe(200);
    expect(await health()).toEqual({ code: 200, status: "ok" });
    disk!.leave(3 * MIB);
    expect(await health()).toMatchObject({
      code: 200,
      status: "warning",
      message: expect.stringContaining("filling up: 3.0 of 40.0 MiB"),
    });
    expect((await run(process.execPath, [PROGRAM, "status", "--endpoint", trail.url], {})).stdout).toMatch(/^disk +.*LOW: /m);
    disk!.leave(0);
    expect(await trail.get<Status>("status")).toMatchObject({ journal: { writable: true }, disk: { level: "critical" } });

    // What was preallocated is used up.
    const answered = ["first"];
    for (let i = 0; (await createUser(`user${i}`)) === 200; i++) {
      answered.push(`user${i}`);
      expect(i).toBeLessThan(1000);
    }
    expect(answered.length).toBeGreaterThan(50);
    expect(await health()).toMatchObject({ code: 503, status: "not recording", message: expect.stringContaining("ENOSPC") });
    const before = carriedOut.length;
    expect(await createUser("refused")).toBe(503);
    expect(carriedOut.length).toBe(before);
    // Lookups go on: what history could not take yet waits in the journal.
    expect((await trail.events()).length).toBeGreaterThan(0);

    disk!.leave(2 * MIB);
    await until(async () => ((await health()).code === 200 ? true : undefined), "recording to resume");
    expect(await createUser("again")).toBe(200);
    disk!.empty();
    expect((await names()).filter((name) => answered.includes(name) || name === "again")).toEqual([...answered, "again"]);
    await until(async () => ((await health()).status === "ok" ? true : undefined), "the warning to be over");
    const log = trail.log();
    expect(log.match(/the disk is filling up/g)).toHaveLength(1);
    expect(log.match(/the disk is all but full/g)?.length).toBeGreaterThan(0);
    expect(log).toContain("there is enough space again");
    expect(log).toContain("journal: can be written again");

    await trail.stop();
    expect(await run(process.execPath, [PROGRAM, "verify", "--data-dir", dataDir], {})).toMatchObject({ status: 0 });
  });

  test("that is full at the start: ready and open to lookups, but health says what is wrong, and it mends by itself", async () => {
    await start();
    expect(await createUser("before")).toBe(200);
    await names();
    await trail.stop("SIGKILL");
    disk!.leave(0);
    // Nothing preallocated is left to write to.
    for (const text of ["full", "still full"]) {
      await start();
      for (let i = 0; (await createUser(`${text} ${i}`)) === 200; i++) expect(i).toBeLessThan(1000);
      await trail.stop("SIGKILL");
    }
    await start();
    expect(await createUser("refused")).toBe(503);
    expect(await health()).toMatchObject({ code: 503, message: expect.stringContaining("ENOSPC") });
    expect(await trail.get<Status>("status")).toMatchObject({ journal: { writable: false }, disk: { level: "critical" } });
    expect((await trail.events({ text: "before" })).length).toBe(1);
    disk!.empty();
    await until(async () => ((await health()).code === 200 ? true : undefined), "recording to begin");
    expect(await createUser("after")).toBe(200);
    expect((await names()).at(-1)).toBe("after");
  });
});
