import { expect, test } from "vitest";
import type { Logger } from "../base/logger.ts";
import { DiskGuard, type DiskGuardOptions } from "./disk-guard.ts";

const MIB = 1024 * 1024;

/** A guard before a disk of 100 GiB whose free space is set by the test, and what it logs. */
function guarded(options: Partial<DiskGuardOptions> = {}) {
  const disk = { freeBytes: 50 * 1024 * MIB, totalBytes: 100 * 1024 * MIB, path: "/data", now: 1_800_000_000_000, reads: 0 };
  const said: string[] = [];
  const note = (level: string) => (_fields: unknown, text: string) => void said.push(`${level} ${text}`);
  const logger = { info: note("info"), warn: note("warn"), error: note("error"), debug: note("debug") } as unknown as Logger;
  const read = async () => {
    disk.reads++;
    if (Number.isNaN(disk.freeBytes)) throw new Error("no disk");
    const { path, freeBytes, totalBytes } = disk;
    return { path, freeBytes, totalBytes };
  };
  const guard = new DiskGuard({ path: "/data", clock: { now: () => disk.now }, logger, read, ...options });
  return { disk, said, guard };
}

test("warns once at each level, says when it is over, and does not flap at the edge", async () => {
  const { disk, said, guard } = guarded();
  expect(await guard.state()).toMatchObject({ level: "ok", warning: undefined, secondsUntilFull: undefined });
  disk.freeBytes = 2047 * MIB;
  for (let i = 0; i < 5; i++) await guard.state();
  expect(said).toEqual([
    expect.stringMatching(/^warn disk: the disk is filling up: 2047 of 102400 MiB are free where \/data is\./),
  ]);
  disk.freeBytes = 2060 * MIB;
  expect((await guard.state()).level).toBe("low");
  disk.freeBytes = 500 * MIB;
  expect(await guard.state()).toMatchObject({ level: "critical", warning: expect.stringContaining("all but full") });
  disk.freeBytes = 530 * MIB;
  expect((await guard.state()).level).toBe("critical");
  disk.freeBytes = 1000 * MIB;
  expect((await guard.state()).level).toBe("low");
  disk.freeBytes = 3000 * MIB;
  expect((await guard.state()).level).toBe("ok");
  expect(said.map((line) => line.split(" ")[0])).toEqual(["warn", "error", "info", "info"]);
  expect(said.at(-1)).toContain("enough space again");
});

test("small disks are not warned of from the start; settings stand over the defaults", async () => {
  const small = guarded();
  Object.assign(small.disk, { freeBytes: 8 * MIB, totalBytes: 40 * MIB });
  expect((await small.guard.state()).level).toBe("ok");
  small.disk.freeBytes = 3.9 * MIB;
  expect((await small.guard.state()).level).toBe("low");
  small.disk.freeBytes = 0.9 * MIB;
  expect((await small.guard.state()).level).toBe("critical");
  const set = guarded({ warnFreeBytes: 60 * 1024 * MIB, criticalFreeBytes: 40 * 1024 * MIB });
  expect((await set.guard.state()).level).toBe("low");
});

test("says for how long it will last, from the rate of the last minutes", async () => {
  const { disk, guard } = guarded({ warnFreeBytes: 60 * 1024 * MIB });
  await guard.state();
  for (let i = 0; i < 6; i++) {
    disk.now += 10_000;
    disk.freeBytes -= 100 * MIB;
    await guard.state();
  }
  const left = (50 * 1024 - 600) / 10;
  expect(await guard.state()).toMatchObject({ secondsUntilFull: left, warning: expect.stringContaining("about 84 minutes") });
  disk.now -= 3_600_000;
  expect((await guard.state()).secondsUntilFull).toBeUndefined();
  disk.now += 7_200_000;
  expect((await guard.state()).secondsUntilFull).toBeUndefined();
});

test("looks by itself, shares a look, and survives a disk that cannot be read", async () => {
  const { disk, said, guard } = guarded({ intervalMilliseconds: 5 });
  await Promise.all([guard.state(), guard.state(), guard.state()]);
  expect(disk.reads).toBe(1);
  disk.freeBytes = Number.NaN;
  guard.start();
  await expect.poll(() => disk.reads).toBeGreaterThan(4);
  expect(said).toEqual(["warn disk: free space cannot be read"]);
  disk.freeBytes = 1;
  await expect.poll(() => said.length).toBe(2);
  await guard.close();
  const { reads } = disk;
  await new Promise((wake) => setTimeout(wake, 30));
  expect(disk.reads).toBe(reads);
});
