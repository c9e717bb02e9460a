import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { duplexPair } from "node:stream";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { createLogger } from "../../base/logger.ts";
import { openSegmentJournal } from "../../journal/drivers/segments/open-segment-journal.ts";
import type { Journal, JournalEntry } from "../../journal/journal.ts";
import { eventIdOf } from "../event-entry.ts";
import type { OpenIntent } from "../intents/intent-ledger.ts";
import { type JournalRecorder, openJournalRecorder } from "../journal-recorder.ts";
import { LedgerSession } from "./ledger-session.ts";
import { DataSelection } from "../selection/data-selection.ts";
import { ProcessLink } from "./process-link.ts";
import { RemoteLedger } from "./remote-ledger.ts";

const logger = createLogger("silent");
let directory: string;
let journal: Journal;
let primary: JournalRecorder;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "remote-ledger-"));
  journal = await openSegmentJournal({ directory: join(directory, "journal"), logger });
  primary = await openJournalRecorder({
    journal,
    builder: { build: () => [] },
    selection: new DataSelection(false),
    checkpointFile: join(directory, "open-intents"),
    gapFile: join(directory, "gaps"),
    recording: "required",
    clock: systemClock,
    logger,
  });
});
afterEach(async () => {
  await primary.close();
  await journal.close();
  rmSync(directory, { recursive: true });
});

const entry = (id: string, kind: "event" | "intent"): JournalEntry => ({
  kind,
  head: Buffer.from(JSON.stringify({ eventId: id })),
  body: Buffer.from(kind),
});

/** A capture process's side, and what ends it. */
function connect(): { readonly ledger: RemoteLedger; readonly session: LedgerSession; end(): Promise<number> } {
  const [here, there] = duplexPair();
  const session = new LedgerSession(primary.ledger, logger);
  const { promise, resolve } = Promise.withResolvers<number>();
  const other = new ProcessLink(there, {
    onRequest: async (topic, payload) => await session.request(topic, payload),
    onNotice: () => {},
    onEnd: () => void session.end().then(resolve),
  });
  const link = new ProcessLink(here, { onRequest: async () => undefined, onNotice: () => {}, onEnd: () => {} });
  const status = (): { writable: boolean; problem: undefined } => ({ writable: true, problem: undefined });
  const ledger = new RemoteLedger({ link, status, admittedBytes: 1_000_000, waitingBytes: 1_000_000 });
  const end = async (): Promise<number> => {
    link.close();
    await promise;
    expect(other.ended).toBe(true);
    return promise;
  };
  return { ledger, session, end };
}

let calls = 0;

test("whenever a capture process ends, each intent has one end: its own, or an event of unknown outcome", async () => {
  const step = fc.constantFrom("settle" as const, "withdraw" as const, "abandon" as const, "leave" as const, "read" as const);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.nat(40), async (steps, turns) => {
      const before = journal.status().last;
      const { ledger, end } = connect();
      const ids: string[] = [];
      const run = async (what: (typeof steps)[number]): Promise<void> => {
        const id = `00000000-0000-4000-8000-${String(++calls).padStart(12, "0")}`;
        if (what === "read") return void (await ledger.room.append([entry(id, "event")]));
        ids.push(id);
        const intent: OpenIntent = await ledger.open([entry(id, "intent")]);
        if (what === "settle") await ledger.settle(intent, [entry(id, "event")]);
        else if (what !== "leave") await ledger[what](intent);
      };
      const running = Promise.allSettled(steps.map(run));
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      await end();
      await running;
      const entries = await journal.read(before, 1000);
      for (const id of ids) {
        const kinds = entries.filter(({ head }) => eventIdOf(head) === id).map(({ kind }) => kind);
        // None at all: the process ended before the intent was sent.
        expect([[], ["intent", "event"], ["intent", "settled"]]).toContainEqual(kinds);
      }
      expect(primary.openIntents()).toBe(0);
    }),
    { numRuns: 100 },
  );
});

test("positions, and what was recorded, are told; a share of the bounds is a door of its own", async () => {
  const { ledger, session, end } = connect();
  expect(await ledger.room.append([entry("a", "event"), entry("b", "event")])).toBe(1);
  const intent = await ledger.open([entry("c", "intent")]);
  expect(primary.openIntents()).toBe(1);
  expect(primary.keepFrom()).toBe(3);
  await ledger.settle(intent, [entry("c", "event")]);
  expect(session.recorded).toBe(2);
  for (let n = 0; n < 244; n++) ledger.room.enter();
  expect(() => ledger.room.enter()).toThrow("too much waits to be recorded");
  expect(await end()).toBe(0);
});
