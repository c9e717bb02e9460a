import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { createLogger } from "../../base/logger.ts";
import { openSegmentJournal } from "../../journal/drivers/segments/open-segment-journal.ts";
import { type Journal, type JournalEntry, JournalUnavailable } from "../../journal/journal.ts";
import { apiCall } from "../api-call.test-support.ts";
import { Backlog } from "../intents/backlog.ts";
import { GapFile } from "./gap-file.ts";
import { gapOf } from "./recording-gap.ts";
import { RecordingGaps } from "./recording-gaps.ts";

const logger = createLogger("silent");
const problem = new JournalUnavailable("the disk is full");
let directory: string;
let journal: Journal;
/** What the next append meets. */
let fails: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "gaps-"));
  journal = await openSegmentJournal({ directory: join(directory, "journal"), logger });
  fails = 0;
});
afterEach(async () => {
  await journal.close();
  rmSync(directory, { recursive: true });
});

function gaps(): RecordingGaps {
  const append = async (entries: readonly JournalEntry[]): Promise<number> => {
    if (fails > 0) {
      fails -= 1;
      throw problem;
    }
    return await journal.append(entries);
  };
  return new RecordingGaps({ journal, room: { append }, backlog: new Backlog(journal, logger), clock: systemClock, logger });
}

const inAccount = (accountId: string) => ({ ...apiCall("iam", "GetUser"), accountId });
// oxlint-disable-next-line typescript/no-explicit-any -- a record is whatever the tests find in it
const told = async (): Promise<readonly Record<string, any>[]> =>
  (await journal.read(0, 1000)).map(({ body }) => JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>);

test("what cannot be told yet goes on growing, under the same event id", async () => {
  const lost = gaps();
  lost.add(gapOf(inAccount("111122223333"), problem));
  fails = 1;
  const telling = lost.write();
  // While it is being told, more is lost: in the same account, and in another.
  lost.add(gapOf({ ...inAccount("111122223333"), completedAt: 1_772_442_390_000 }, new Error("another reason")));
  lost.add(gapOf(inAccount("444455556666"), problem));
  await expect(telling).rejects.toThrow(problem);
  expect(lost.pending).toBe(true);
  await lost.write();
  expect(lost.pending).toBe(false);
  expect(
    (await told()).map(({ recipientAccountId, serviceEventDetails: details }) => [
      recipientAccountId,
      details.unrecordedCalls,
      details.endTime,
      details.reason,
    ]),
  ).toEqual([
    ["111122223333", 2, "2026-03-02T09:06:30Z", "the disk is full"],
    ["444455556666", 1, "2026-03-02T09:05:00Z", "the disk is full"],
  ]);
  await lost.close();
});

test("callers under made-up accounts cannot fill the memory, and are all counted", async () => {
  const lost = gaps();
  for (let at = 0; at < 1_000; at++) lost.add(gapOf(inAccount(String(at).padStart(12, "0")), problem));
  await lost.write();
  const events = await told();
  expect(events.length).toBe(256);
  expect(events.reduce((sum, { serviceEventDetails }) => sum + (serviceEventDetails.unrecordedCalls as number), 0)).toBe(1_000);
  await lost.close();
});

test("the file keeps as many gaps as it has room for, and gives back what it kept", async () => {
  const path = join(directory, "gaps");
  expect(await GapFile.open(path, false)).toBeUndefined();
  const file = (await GapFile.open(path, true))!;
  expect(await file.load()).toEqual([]);
  const all = Array.from({ length: 300 }, (_, at) => gapOf(inAccount(String(at)), new Error("é".repeat(500))));
  await file.store(all);
  const kept = await file.load();
  expect(kept.length).toBeGreaterThan(30);
  expect(kept).toEqual(all.slice(0, kept.length));
  await file.store(all.slice(0, 1));
  expect(await file.load()).toEqual(all.slice(0, 1));
  await file.store([]);
  expect(await file.load()).toEqual([]);
  await file.close();
});
