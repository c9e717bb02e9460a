import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadCatalogue } from "../aws/catalogue/catalogue.ts";
import { createLogger } from "../base/logger.ts";
import type { ApiCall } from "../event/api-call.ts";
import { createEventBuilder } from "../event/build-event.ts";
import { openSegmentJournal } from "../journal/drivers/segments/open-segment-journal.ts";
import { type Journal, JournalUnavailable } from "../journal/journal.ts";
import { createJournalRecorder, type JournalRecorderOptions } from "./journal-recorder.ts";

let directory: string;
let journal: Journal;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recorder-"));
  journal = await openSegmentJournal({ directory, logger: createLogger("silent") });
});
afterEach(async () => {
  await journal.close();
  await rm(directory, { recursive: true });
});

const builder = createEventBuilder({ newId: randomUUID });

function recorder(options: Partial<JournalRecorderOptions> = {}) {
  return createJournalRecorder({ journal, builder, wantsData: false, ...options });
}

function apiCall(serviceId: string, operationName: string, request: Partial<ApiCall["request"]> = {}): ApiCall {
  const service = loadCatalogue().service(serviceId);
  return {
    eventId: randomUUID(),
    requestId: "R",
    startedAt: 1_772_442_300_000,
    completedAt: 1_772_442_300_010,
    operation: service?.operation(operationName),
    serviceId,
    signingName: service?.signingName ?? serviceId,
    operationName,
    region: "us-east-1",
    accountId: "111122223333",
    caller: { kind: "anonymous" },
    sourceIp: "127.0.0.1",
    userAgent: undefined,
    signature: { version: "SigV4", method: "header" },
    tls: undefined,
    request: {
      method: "POST",
      path: "/",
      query: [],
      headers: new Map(),
      host: "x",
      body: undefined,
      bodyTruncated: false,
      bodyBytes: 0,
      ...request,
    },
    response: {
      status: 200,
      headers: new Map(),
      body: undefined,
      bodyTruncated: false,
      bodyBytes: 0,
      startedAt: 1_772_442_300_005,
    },
    input: undefined,
    output: undefined,
    error: undefined,
  };
}

const deleteObjects = apiCall("s3", "DeleteObjects", {
  path: "/b",
  query: [["delete", ""]],
  s3: { bucket: "b", key: undefined },
  body: Buffer.from("<Delete><Object><Key>one</Key></Object><Object><Key>two</Key></Object></Delete>"),
});

test("an event in the journal is the record, with its index in front", async () => {
  const call = apiCall("iam", "CreateUser");
  await recorder().record(call);
  const [entry, ...more] = await journal.read(0, 10);
  expect(more).toEqual([]);
  expect(entry?.kind).toBe("event");
  const [built] = builder.build(call);
  expect(JSON.parse(Buffer.from(entry!.head).toString())).toEqual(JSON.parse(JSON.stringify(built!.index)));
  expect(Buffer.from(entry!.body).toString()).toBe(Buffer.from(built!.record).toString());
  expect(JSON.parse(Buffer.from(entry!.body).toString())).toMatchObject({ eventID: call.eventId, eventName: "CreateUser" });
});

test("all events of a call go into one append", async () => {
  let appends = 0;
  const counting: Journal = Object.create(journal, {
    append: { value: async (entries: Parameters<Journal["append"]>[0]) => ((appends += 1), journal.append(entries)) },
  }) as Journal;
  await recorder({ journal: counting, wantsData: true }).record(deleteObjects);
  const names = (await journal.read(0, 10)).map(
    ({ body }) => (JSON.parse(Buffer.from(body).toString()) as { eventName: string }).eventName,
  );
  expect(names).toEqual(["DeleteObjects", "DeleteObject", "DeleteObject"]);
  expect(appends).toBe(1);
});

test("data events are kept where somebody selected them, management events always", async () => {
  const nobody = recorder();
  expect(nobody.wants({ serviceId: "s3", operationName: "GetObject" })).toBe(false);
  expect(nobody.wants({ serviceId: "s3", operationName: "CreateBucket" })).toBe(true);
  expect(nobody.wants({ serviceId: "unheard-of", operationName: "GET /x" })).toBe(true);
  await nobody.record(deleteObjects);
  expect(journal.status().last).toBe(0);

  const deletions = recorder({ wantsData: ({ operationName }) => operationName.startsWith("Delete") });
  expect(deletions.wants({ serviceId: "s3", operationName: "GetObject" })).toBe(false);
  expect(deletions.wants({ serviceId: "s3", operationName: "DeleteObjects" })).toBe(true);
  await deletions.record(deleteObjects);
  expect(journal.status().last).toBe(3);
});

test("a journal that cannot be written admits nothing and fails what is recorded", async () => {
  const recording = recorder();
  const call = apiCall("iam", "CreateUser");
  await recording.admit?.(() => call);
  await journal.close();
  await expect(recording.admit?.(() => call)).rejects.toThrow(JournalUnavailable);
  await expect(recording.record(call)).rejects.toThrow(JournalUnavailable);
});

test("a call is recorded however many and however long the resources are that it names", async () => {
  const instances = Array.from({ length: 100 }, (_, at) => `i-${String(at).padStart(1100, "0")}`);
  const call: ApiCall = { ...apiCall("ec2", "TerminateInstances"), input: { InstanceIds: instances } };
  const [built] = builder.build(call);
  expect(Buffer.byteLength(JSON.stringify(built!.index))).toBeGreaterThan(64 * 1024);
  await recorder().record(call);
  const [entry] = await journal.read(0, 10);
  const index = JSON.parse(Buffer.from(entry!.head).toString()) as NonNullable<typeof built>["index"];
  expect(index).toEqual({ ...built!.index, resources: built!.index.resources.slice(0, index.resources.length) });
  expect(index.resources.length).toBeGreaterThan(20);
});
