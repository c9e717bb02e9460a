import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { EventIndex } from "../built-event.ts";
import { createEventBuilder } from "../build-event.ts";
import { deployer, finishedCall, type WireFixture } from "../golden.test-support.ts";
import { compileSelectors } from "./compile-selectors.ts";
import type { EventView } from "./event-view.ts";
import { viewOfEntry } from "./view-of-entry.ts";
import { viewOfRecord } from "./view-of-record.ts";

const builder = createEventBuilder({ newId: () => "ffffffff-0000-4000-8000-000000000001" });
const common = {
  caller: deployer,
  requestId: "aaaaaaaa-0000-4000-8000-000000000001",
  eventId: "eeeeeeee-0000-4000-8000-000000000002",
  completed: "2026-03-02T09:05:01Z",
  userAgent: "test",
} as const;
const putItem: WireFixture = {
  ...common,
  service: "dynamodb",
  operation: "PutItem",
  protocol: "awsJson1_0",
  host: "dynamodb.us-east-1.amazonaws.com",
  headers: { "content-type": "application/x-amz-json-1.0" },
  body: '{"TableName":"orders","Item":{}}',
  answer: { status: 200, body: "{}" },
};
const putObject: WireFixture = {
  ...common,
  service: "s3",
  operation: "PutObject",
  protocol: "restXml",
  method: "PUT",
  host: "data.s3.us-east-1.amazonaws.com",
  target: "/in/a.csv",
  s3: { bucket: "data", key: "in/a.csv" },
  answer: { status: 200 },
};

const membersOf = (view: EventView): EventView => ({
  category: view.category,
  readOnly: view.readOnly,
  source: view.source,
  name: view.name,
  type: view.type,
  resources: view.resources,
  userArn: view.userArn,
  fromConsole: view.fromConsole,
  errorCode: view.errorCode,
  vpcEndpointId: view.vpcEndpointId,
});

function viewsOf(fixture: WireFixture): { entry: EventView; record: EventView; index: EventIndex } {
  const [built] = builder.build(finishedCall(fixture));
  if (built === undefined) throw new Error("no event was built");
  const stored: EventIndex = JSON.parse(JSON.stringify(built.index));
  return {
    entry: membersOf(viewOfEntry(stored, built.record)),
    record: viewOfRecord(JSON.parse(Buffer.from(built.record).toString("utf8"))),
    index: built.index,
  };
}

test.each([putItem, putObject])("an entry and its record look the same to selectors", (fixture) => {
  const { entry, record, index } = viewsOf(fixture);
  expect(entry).toEqual(record);
  expect(entry.resources.length).toBeGreaterThan(0);
  expect(index).not.toHaveProperty("selectedAs");
});

test("a denied call is selected by the resources that its record hides", () => {
  const denied: WireFixture = {
    ...putItem,
    answer: { status: 400, body: '{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"no"}' },
  };
  const { entry, record } = viewsOf(denied);
  expect(record.resources).toEqual([]);
  expect(entry.resources).toEqual([
    { type: "AWS::DynamoDB::Table", arn: "arn:aws:dynamodb:us-east-1:123456789012:table/orders" },
  ]);
  expect(entry.errorCode).toBe("AccessDenied");
});

test("a data event of a service that names no resources is selected by their type", () => {
  const put: WireFixture = { ...putItem, service: "swf", operation: "CountPendingActivityTasks", body: '{"domain":"d"}' };
  expect(viewsOf(put).entry.resources).toEqual([{ type: "AWS::SWF::Domain", arn: undefined }]);
});

test("management events of a trail are decided without their record", () => {
  const [built] = builder.build(finishedCall({ ...putItem, operation: "CreateTable" }));
  if (built === undefined) throw new Error("no event was built");
  const broken = Object.defineProperty(new Uint8Array(1), "length", {
    get: () => {
      throw new Error("the record was read");
    },
  });
  expect(compileSelectors(undefined)(viewOfEntry(built.index, broken))).toBe(true);
  const advanced = compileSelectors({
    kind: "advanced",
    selectors: [
      {
        fieldSelectors: [
          { field: "eventCategory", equals: ["Management"] },
          { field: "readOnly", equals: ["false"] },
          { field: "eventSource", notEquals: ["kms.amazonaws.com"] },
        ],
      },
    ],
  });
  expect(advanced(viewOfEntry(built.index, broken))).toBe(true);
  expect(() => viewOfEntry(built.index, broken).userArn).toThrow("the record was read");
});

test("records of any form have a view", () => {
  const { index } = viewsOf(putObject);
  fc.assert(
    fc.property(fc.json(), fc.uint8Array(), (json, bytes) => {
      for (const record of [Buffer.from(json), bytes]) {
        const view = membersOf(viewOfEntry(index, record));
        expect(view.name).toBe("PutObject");
        expect(Array.isArray(view.resources)).toBe(true);
      }
      expect(viewOfRecord(JSON.parse(json))).toHaveProperty("category");
    }),
  );
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom("resources", "userIdentity", "eventCategory", "readOnly", "eventName"), fc.jsonValue()),
      (record) => {
        const view = viewOfRecord(record);
        expect(["Management", "Data", "NetworkActivity", "Insight"]).toContain(view.category);
        expect(typeof view.name).toBe("string");
      },
    ),
  );
});
