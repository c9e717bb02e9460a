import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadCatalogue } from "../aws/catalogue/catalogue.ts";
import { systemClock } from "../base/clock.ts";
import { createLogger } from "../base/logger.ts";
import type { PlainCall } from "../event/api-call.ts";
import { createEventBuilder } from "../event/build-event.ts";
import type { FieldSelector } from "../event/selector/selectors.ts";
import { openSegmentJournal } from "../journal/drivers/segments/open-segment-journal.ts";
import { type Journal, type JournalEntry, JournalUnavailable } from "../journal/journal.ts";
import { apiCall } from "./api-call.test-support.ts";
import { AppendRoom } from "./append-room.ts";
import { type JournalRecorder, type JournalRecorderOptions, openJournalRecorder } from "./journal-recorder.ts";
import { type CallKind, type Recorder, RecordingUnavailable } from "./recorder.ts";
import { DataSelection } from "./selection/data-selection.ts";

let directory: string;
let journal: Journal;
/** Those too that a test gave up as if their process had ended. */
const opened: JournalRecorder[] = [];
const logger = createLogger("silent");

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recorder-"));
  journal = await openSegmentJournal({ directory: join(directory, "journal"), logger });
});
afterEach(async () => {
  for (const recorder of opened.splice(0)) await recorder.close();
  await journal.close();
  await rm(directory, { recursive: true });
});

const builder = createEventBuilder({ newId: randomUUID });

async function open(options: Partial<JournalRecorderOptions> = {}): Promise<JournalRecorder> {
  const files = { checkpointFile: join(directory, "open-intents"), gapFile: join(directory, "recording-gaps") };
  const recorder = await openJournalRecorder({
    ...files,
    recording: "best-effort",
    journal,
    builder,
    selection: new DataSelection(false),
    clock: systemClock,
    logger,
    ...options,
  });
  opened.push(recorder);
  return recorder;
}

/** As the gateway does it. */
async function recorded(recorder: Recorder, call: PlainCall): Promise<boolean> {
  const admission = await recorder.admit(recorder.intends(call) ? () => beforeAnswer(call) : undefined);
  return await admission.record(call);
}

/** By one trail with one selector: of S3 objects, if it says nothing else. */
function selected(...fields: FieldSelector[]): DataSelection {
  const selection = new DataSelection(false);
  const type: FieldSelector = { field: "resources.type", equals: ["AWS::S3::Object"] };
  const typed = fields.some(({ field }) => field === "resources.type") ? fields : [type, ...fields];
  const fieldSelectors: FieldSelector[] = [{ field: "eventCategory", equals: ["Data"] }, ...typed];
  selection.set([
    { selectors: { kind: "advanced", selectors: [{ fieldSelectors }] }, accounts: ["111122223333"], partition: "aws" },
  ]);
  return selection;
}

function beforeAnswer(call: PlainCall): PlainCall {
  return { ...call, response: undefined, output: undefined, error: undefined };
}

const entries = async (): Promise<readonly JournalEntry[]> =>
  (await journal.read(0, 1000)).map(({ kind, head, body }) => ({ kind: kind as JournalEntry["kind"], head, body }));
const kinds = async (): Promise<readonly string[]> => (await entries()).map(({ kind }) => kind);
// oxlint-disable-next-line typescript/no-explicit-any -- a record is whatever the tests find in it
type Found = Record<string, any>;
const events = async (): Promise<readonly Found[]> =>
  (await entries()).filter(({ kind }) => kind === "event").map(({ body }) => JSON.parse(Buffer.from(body).toString()) as Found);

/** A journal that stops taking anything: as if the process had ended there, or the disk were full. */
function breakable(): { journal: Journal; broken: boolean } {
  const state: { journal: Journal; broken: boolean } = {
    broken: false,
    journal: {
      append: async (appended: readonly JournalEntry[]) => {
        if (state.broken) throw new JournalUnavailable("the disk is full");
        return await journal.append(appended);
      },
      read: (after: number, limit: number) => journal.read(after, limit),
      wait: (after: number, signal: AbortSignal) => journal.wait(after, signal),
      trim: (upTo: number) => journal.trim(upTo),
      status: () => ({
        ...journal.status(),
        ...(state.broken ? { writable: false, problem: "the disk is full" } : {}),
      }),
      close: () => journal.close(),
    },
  };
  return state;
}

const deleteObjects = apiCall("s3", "DeleteObjects", {
  path: "/b",
  query: [["delete", ""]],
  s3: { bucket: "b", key: undefined },
  body: Buffer.from("<Delete><Object><Key>one</Key></Object><Object><Key>two</Key></Object></Delete>"),
});
const getUser = (): PlainCall => apiCall("iam", "GetUser");
const createUser = (name = "bob"): PlainCall => ({ ...apiCall("iam", "CreateUser"), input: { UserName: name } });

const kind = (serviceId: string, operationName: string): CallKind => ({
  serviceId,
  operationName,
  operation: loadCatalogue().service(serviceId)?.operation(operationName),
});

describe("a finished call", () => {
  test("is in the journal as its record, with its index in front", async () => {
    const call = getUser();
    await recorded(await open(), call);
    const [entry, ...more] = await entries();
    expect(more).toEqual([]);
    expect(entry?.kind).toBe("event");
    const [built] = builder.build(call);
    expect(JSON.parse(Buffer.from(entry!.head).toString())).toEqual(JSON.parse(JSON.stringify(built!.index)));
    expect(Buffer.from(entry!.body).toString()).toBe(Buffer.from(built!.record).toString());
    expect((await events())[0]).toMatchObject({ eventID: call.eventId, eventName: "GetUser" });
  });

  test("has all its events in one append, behind one intent", async () => {
    const appends: number[] = [];
    const { journal: counting } = breakable();
    const append = async (appended: readonly JournalEntry[]) => (appends.push(appended.length), await journal.append(appended));
    await recorded(await open({ journal: { ...counting, append }, selection: new DataSelection(true) }), deleteObjects);
    expect((await events()).map(({ eventName }) => eventName as string)).toEqual([
      "DeleteObjects",
      "DeleteObject",
      "DeleteObject",
    ]);
    expect(appends).toEqual([1, 3]);
    expect(await kinds()).toEqual(["intent", "event", "event", "event"]);
  });

  test("is recorded however many and however long the resources are that it names", async () => {
    const instances = Array.from({ length: 100 }, (_, at) => `i-${String(at).padStart(1100, "0")}`);
    const call: PlainCall = { ...apiCall("ec2", "TerminateInstances"), input: { InstanceIds: instances } };
    const [built] = builder.build(call);
    expect(Buffer.byteLength(JSON.stringify(built!.index))).toBeGreaterThan(64 * 1024);
    await recorded(await open(), call);
    const entry = (await entries()).find((found) => found.kind === "event");
    const index = JSON.parse(Buffer.from(entry!.head).toString()) as NonNullable<typeof built>["index"];
    expect(index).toEqual({ ...built!.index, resources: built!.index.resources.slice(0, index.resources.length) });
    expect(index.resources.length).toBeGreaterThan(20);
  });
});

test("data events are kept where somebody selected them, management events always", async () => {
  const nobody = await open();
  expect(nobody.wants(kind("s3", "GetObject"))).toBe(false);
  expect(nobody.wants(kind("s3", "CreateBucket"))).toBe(true);
  expect(nobody.wants(kind("unheard-of", "GET /x"))).toBe(true);
  await recorded(nobody, deleteObjects);
  expect(journal.status().last).toBe(0);

  const deletions = await open({ selection: selected({ field: "eventName", startsWith: ["Delete"] }) });
  expect(deletions.wants(kind("s3", "GetObject"))).toBe(false);
  expect(deletions.wants(kind("s3", "DeleteObjects"))).toBe(true);
  await recorded(deletions, deleteObjects);
  expect((await events()).length).toBe(3);
});

describe("of a call that could have been selected", () => {
  const put = (key: string): PlainCall =>
    apiCall("s3", "PutObject", { method: "PUT", path: `/b/${key}`, s3: { bucket: "b", key } });
  const below = (prefix: string): DataSelection => selected({ field: "resources.ARN", startsWith: [`arn:aws:s3:::b/${prefix}`] });

  test("nothing is kept that nobody selected, and no intent either", async () => {
    const recorder = await open({ selection: below("in/") });
    expect(recorder.wants(kind("s3", "PutObject"))).toBe(true);
    expect(await recorded(recorder, put("out/1"))).toBe(false);
    expect(journal.status().last).toBe(0);
    expect(await recorded(recorder, put("in/1"))).toBe(true);
    expect(await kinds()).toEqual(["intent", "event"]);
  });

  test("those further events are kept that were selected, behind an intent", async () => {
    const recorder = await open({ selection: below("two") });
    await recorded(recorder, deleteObjects);
    expect(await kinds()).toEqual(["intent", "event", "settled"]);
    expect((await events()).map(({ resources }) => resources[1].ARN as string)).toEqual(["arn:aws:s3:::b/two"]);
  });

  test("an intent that nobody wants any more in the end leaves no event", async () => {
    const recorder = await open({ selection: below("three") });
    expect(await recorded(recorder, deleteObjects)).toBe(false);
    expect(await kinds()).toEqual(["intent", "settled"]);
  });

  test("what was selected when it left is recorded, whatever was selected meanwhile", async () => {
    const selection = below("in/");
    const recorder = await open({ selection });
    const call = put("in/1");
    const admission = await recorder.admit(() => beforeAnswer(call));
    selection.set([]);
    expect(await admission.record(call)).toBe(true);
    expect(await kinds()).toEqual(["intent", "event"]);
  });

  test("what is selected when it ends is recorded, too", async () => {
    const selection = below("out/");
    const recorder = await open({ selection });
    const call = put("in/1");
    const admission = await recorder.admit(() => beforeAnswer(call));
    selection.set(below("in/").interests);
    expect(await admission.record(call)).toBe(true);
    expect(await kinds()).toEqual(["event"]);
  });

  test("an intent is left where the resources are not known before the answer", async () => {
    const table: FieldSelector = { field: "resources.ARN", equals: ["arn:aws:dynamodb:us-east-1:111122223333:table/orders"] };
    const recorder = await open({ selection: selected({ field: "resources.type", equals: ["AWS::DynamoDB::Table"] }, table) });
    const call: PlainCall = { ...apiCall("dynamodb", "PutItem"), input: { TableName: "orders" } };
    const admission = await recorder.admit(() => ({ ...beforeAnswer(call), input: undefined }));
    expect(await kinds()).toEqual(["intent"]);
    expect(await admission.record(call)).toBe(true);
    expect(await kinds()).toEqual(["intent", "event"]);
  });
});

test("what changes something leaves an intent, what is not known to read too", async () => {
  const recorder = await open();
  const answers = [
    ["iam", "CreateUser", true],
    ["iam", "GetUser", false],
    ["ec2", "TerminateInstances", true],
    ["sts", "AssumeRole", false],
    ["unheard-of", "GET /x", false],
    ["unheard-of", "HEAD /x", false],
    ["unheard-of", "POST /x", true],
    ["unheard-of", "FrobnicateThing", true],
  ] as const;
  for (const [service, operation, changes] of answers)
    expect([operation, recorder.intends(kind(service, operation))]).toEqual([operation, changes]);
});

describe("an intent", () => {
  test("is the event as it reads if nothing more is heard", async () => {
    const call = createUser("eve");
    await (await open()).admit(() => beforeAnswer(call));
    expect(await kinds()).toEqual(["intent"]);
    await open();
    const [event, ...more] = await events();
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      eventID: call.eventId,
      eventName: "CreateUser",
      requestParameters: { userName: "eve" },
      responseElements: null,
      readOnly: false,
      additionalEventData: { opentrail: { outcome: "unknown", outcomeReason: expect.any(String) as string } },
    });
    expect(event).not.toHaveProperty("errorCode");
    const [intent, recovered] = await entries();
    expect(recovered).toEqual({ ...intent, kind: "event" });
  });

  test("is settled by its call's event, by a mark, or by itself", async () => {
    const recorder = await open();
    await recorded(recorder, createUser());
    expect(await kinds()).toEqual(["intent", "event"]);
    await (await recorder.admit(() => createUser())).withdraw();
    expect(await kinds()).toEqual(["intent", "event", "intent", "settled"]);
    await (await recorder.admit(() => createUser())).abandon();
    expect(await kinds()).toEqual(["intent", "event", "intent", "settled", "intent", "event"]);
    expect(recorder.openIntents()).toBe(0);
    expect((await events())[1]?.["additionalEventData"]).toMatchObject({ opentrail: { outcome: "unknown" } });
    const { last } = journal.status();
    await open();
    expect(journal.status().last).toBe(last);
  });

  test("is dealt with once, whatever is asked of its admission", async () => {
    const admission = await (await open()).admit(() => createUser());
    await admission.withdraw();
    await expect(admission.record(createUser())).rejects.toThrow("BUG");
  });

  test("shows no secret", async () => {
    const secret = "correct-horse-battery-staple";
    const call: PlainCall = { ...apiCall("iam", "CreateLoginProfile"), input: { UserName: "bob", Password: secret } };
    await (await open()).admit(() => beforeAnswer(call));
    for (const { head, body } of await entries()) expect(Buffer.concat([head, body]).toString()).not.toContain(secret);
    expect(Buffer.from((await entries())[0]!.body).toString()).toContain("bob");
  });
});

describe("a journal that cannot be written", () => {
  test("admits nothing and fails what is recorded", async () => {
    const broken = breakable();
    const recorder = await open({ journal: broken.journal });
    const admission = await recorder.admit();
    broken.broken = true;
    for (const intent of [undefined, () => createUser()]) {
      await expect(recorder.admit(intent)).rejects.toMatchObject({ name: "RecordingUnavailable", reason: "journal" });
    }
    await expect(admission.record(getUser())).rejects.toThrow(JournalUnavailable);
    broken.broken = false;
    await recorder.close();
    expect(await kinds()).toEqual([]);
  });

  test("gets what it is owed when it can be written again: the event of a call with an intent, as it really ended", async () => {
    const broken = breakable();
    const recorder = await open({ journal: broken.journal });
    const call = createUser("late");
    const settled = await recorder.admit(() => beforeAnswer(call));
    const withdrawn = await recorder.admit(() => createUser("gone"));
    broken.broken = true;
    await expect(settled.record(call)).rejects.toThrow(JournalUnavailable);
    await withdrawn.withdraw();
    broken.broken = false;
    await expect.poll(kinds).toEqual(["intent", "intent", "event", "settled"]);
    const [event] = await events();
    expect(event).toMatchObject({ eventID: call.eventId });
    expect(event).not.toHaveProperty("additionalEventData");
    expect(recorder.openIntents()).toBe(0);
  });

  test("leaves a gap that is told once, with all that fell into it", async () => {
    const broken = breakable();
    const recorder = await open({ journal: broken.journal });
    broken.broken = true;
    const problem = new JournalUnavailable("the disk is full");
    const denied = { code: "AccessDenied", message: "no", status: 403 };
    for (const call of [
      getUser(),
      { ...createUser(), error: denied },
      beforeAnswer(createUser()),
      { ...getUser(), region: "eu-west-1" },
    ]) {
      await expect(recorder.waive().record(call)).rejects.toThrow(RecordingUnavailable);
      recorder.missed(call, problem);
    }
    broken.broken = false;
    await expect.poll(async () => (await events()).length).toBe(2);
    const [first, second] = await events();
    expect(first).toMatchObject({
      eventSource: "cloudtrail.amazonaws.com",
      eventName: "RecordingGap",
      eventType: "AwsServiceEvent",
      awsRegion: "us-east-1",
      recipientAccountId: "111122223333",
      serviceEventDetails: {
        startTime: "2026-03-02T09:05:00Z",
        endTime: "2026-03-02T09:05:00Z",
        unrecordedCalls: 3,
        succeededCalls: 1,
        failedCalls: 1,
        callsOfUnknownOutcome: 1,
        reason: "the disk is full",
      },
    });
    expect(second).toMatchObject({ awsRegion: "eu-west-1", serviceEventDetails: { unrecordedCalls: 1 } });
    await recorder.close();
    expect((await events()).length).toBe(2);
  });

  test("leaves a gap that outlives the process, and is told once", async () => {
    const broken = breakable();
    const first = await open({ journal: broken.journal });
    broken.broken = true;
    first.missed(getUser(), new JournalUnavailable("the disk is full"));
    first.missed(getUser(), new JournalUnavailable("the disk is still full"));
    const file = join(directory, "recording-gaps");
    await expect.poll(() => readFileSync(file, "utf8")).toMatch(/"calls":2/);
    // The process ends here, with no time to close.
    const kept = readFileSync(file);
    const second = await open({ recording: "required" });
    expect((await events()).map(({ serviceEventDetails }) => serviceEventDetails as Found)).toMatchObject([
      { unrecordedCalls: 2, reason: "the disk is full", interruptedByRestart: true },
    ]);
    await second.close();
    // As if the process had ended before it could note that the gap is told.
    writeFileSync(file, kept);
    await (await open()).close();
    expect((await events()).length).toBe(1);
    writeFileSync(file, kept.fill("x", 30, 60));
    await (await open()).close();
    expect((await events()).length).toBe(1);
  });
});

test("what waits for the disk is bounded at the door, and nobody who is in is refused", async () => {
  const { journal: slow } = breakable();
  const gate = Promise.withResolvers<void>();
  const append = async (appended: readonly JournalEntry[]) => (await gate.promise, await journal.append(appended));
  const room = new AppendRoom({
    journal: { append, status: () => journal.status() },
    admittedBytes: 10 * 4096,
    waitingBytes: 3000,
  });
  const recorder = await open({ journal: slow, room });
  const admissions = await Promise.all(Array.from({ length: 10 }, () => recorder.admit()));
  await expect(recorder.admit()).rejects.toMatchObject({ reason: "overload" });
  await expect(recorder.admit(() => createUser())).rejects.toThrow(RecordingUnavailable);
  await expect(recorder.waive().record(getUser())).rejects.toMatchObject({ reason: "overload" });
  const records = admissions.map((admission) => admission.record(getUser()));
  gate.resolve();
  await Promise.all(records);
  expect((await events()).length).toBe(10);
  await (await recorder.admit()).record(getUser());
});
