import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../aws/catalogue/catalogue.ts";
import { dataResourceType } from "../../aws/catalogue/facts/data-events.ts";
import type { PlainCall } from "../../event/api-call.ts";
import { createEventBuilder } from "../../event/build-event.ts";
import type { BuiltEvent } from "../../event/built-event.ts";
import { furtherEvents } from "../../event/further-events.ts";
import type { FieldSelector, Selectors } from "../../event/selector/selectors.ts";
import { apiCall } from "../api-call.test-support.ts";
import type { DataInterest } from "./data-interest.ts";
import { DataSelection } from "./data-selection.ts";

const ACCOUNT = "111122223333";
const builder = createEventBuilder({ newId: randomUUID });
const built = (call: PlainCall): readonly BuiltEvent[] => builder.build(call);

const put = apiCall("s3", "PutObject", { method: "PUT", s3: { bucket: "b", key: "in/1" } });
const get = apiCall("s3", "GetObject", { method: "GET", s3: { bucket: "b", key: "in/1" } });
const calls: readonly PlainCall[] = [
  put,
  get,
  apiCall("s3", "ListObjectsV2", { method: "GET", query: [["prefix", "in/"]], s3: { bucket: "b", key: undefined } }),
  apiCall("s3", "DeleteObjects", {
    query: [["delete", ""]],
    s3: { bucket: "b", key: undefined },
    body: Buffer.from("<Delete><Object><Key>in/1</Key></Object></Delete>"),
  }),
  apiCall("s3", "CopyObject", { headers: new Map([["x-amz-copy-source", "/b/in/1"]]), s3: { bucket: "b", key: "in/2" } }),
  { ...put, request: { ...put.request, host: `point-${ACCOUNT}.s3-accesspoint.us-east-1.amazonaws.com` } },
  { ...put, request: { ...put.request, s3: { bucket: "b--use1-az4--x-s3", key: "k" } } },
  { ...apiCall("lambda", "Invoke"), input: { FunctionName: "f", InvocationType: "Event" } },
  { ...apiCall("dynamodb", "PutItem"), input: { TableName: "orders" } },
  { ...apiCall("dynamodb", "PutItem"), input: undefined },
  { ...apiCall("dynamodb", "Query"), input: { TableName: "orders" } },
  { ...apiCall("sns", "Publish"), input: { TargetArn: `arn:aws:sns:us-east-1:${ACCOUNT}:endpoint/GCM/a/b` } },
  { ...apiCall("sqs", "SendMessage"), input: { QueueUrl: `https://sqs.us-east-1.amazonaws.com/${ACCOUNT}/q` } },
  { ...apiCall("kinesis", "PutRecord"), input: { StreamName: "s" } },
].map((call) =>
  call.operationName === "Invoke" && call.response !== undefined
    ? { ...call, response: { ...call.response, status: 202 } }
    : call,
);

const data: FieldSelector = { field: "eventCategory", equals: ["Data"] };
const ofType = (type: string): FieldSelector => ({ field: "resources.type", equals: [type] });
const advanced = (...fields: FieldSelector[]): Selectors => ({
  kind: "advanced",
  selectors: [{ fieldSelectors: [data, ...fields] }],
});
const interest = (selectors: Selectors, more: Partial<DataInterest> = {}): DataInterest => ({
  selectors,
  accounts: [ACCOUNT],
  partition: "aws",
  ...more,
});
function selecting(...interests: DataInterest[]): DataSelection {
  const selection = new DataSelection(false);
  selection.set(interests);
  return selection;
}
const takes = (selection: DataSelection, call: PlainCall): boolean => built(call).some((event) => selection.takes(event));

test("nobody, everybody, and one after the other", () => {
  const selection = new DataSelection(false);
  const answers = (): boolean[] => [selection.mayTake(put), takes(selection, put)];
  expect(answers()).toEqual([false, false]);
  selection.set([interest(advanced(ofType("AWS::S3::Object")))]);
  expect(answers()).toEqual([true, true]);
  selection.set([interest(advanced(ofType("AWS::SQS::Queue")))]);
  expect(answers()).toEqual([false, false]);
  const everything = new DataSelection(true);
  expect([everything.mayTake(put), takes(everything, put)]).toEqual([true, true]);
});

test("only in the accounts and Regions that a trail covers", () => {
  const selectors = advanced(ofType("AWS::S3::Object"));
  const inRegion = { ...put, region: "eu-west-1" };
  expect(takes(selecting(interest(selectors, { region: "us-east-1" })), put)).toBe(true);
  expect(takes(selecting(interest(selectors, { region: "us-east-1" })), inRegion)).toBe(false);
  expect(takes(selecting(interest(selectors)), inRegion)).toBe(true);
  expect(takes(selecting(interest(selectors)), { ...put, region: "cn-north-1" })).toBe(false);
  expect(takes(selecting(interest(selectors, { accounts: ["444455556666"] })), put)).toBe(false);
  expect(takes(selecting(interest(selectors, { accounts: ["444455556666", ACCOUNT] })), put)).toBe(true);
});

describe("a call of which an event is taken", () => {
  const types = [
    "AWS::S3::Object",
    "AWS::S3::AccessPoint",
    "AWS::S3Express::Object",
    "AWS::Lambda::Function",
    "AWS::SNS::PlatformEndpoint",
  ];
  const anyType = fc.constantFrom(...types, "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::Kinesis::Stream");
  const names = [
    "PutObject",
    "GetObject",
    "DeleteObject",
    "DeleteObjects",
    "ListObjects",
    "InvokeExecution",
    "PutItem",
    "Query",
    "SendMessage",
  ];
  const name = fc.oneof(fc.constantFrom(...names), fc.constantFrom("Get", "Put", "Object", "Item"));
  const some = fc.array(name, { minLength: 1, maxLength: 2 });
  const field: fc.Arbitrary<FieldSelector> = fc.oneof(
    fc.record({ field: fc.constant("readOnly" as const), equals: fc.subarray(["true", "false"], { minLength: 1 }) }),
    fc
      .record(
        { equals: some, startsWith: some, endsWith: some, notEquals: some, notStartsWith: some, notEndsWith: some },
        { requiredKeys: [] },
      )
      .map((operators): FieldSelector => ({ field: "eventName", ...operators })),
    fc.constant<FieldSelector>({ field: "resources.ARN", startsWith: ["arn:aws:s3:::b/in/"] }),
  );
  const ofAdvanced = fc
    .tuple(anyType, fc.array(field, { maxLength: 2 }))
    .map(([type, fields]) => advanced(ofType(type), ...fields));
  const ofBasic = fc
    .record({
      readWriteType: fc.constantFrom("All" as const, "ReadOnly" as const, "WriteOnly" as const),
      type: fc.constantFrom("AWS::S3::Object" as const, "AWS::Lambda::Function" as const, "AWS::DynamoDB::Table" as const),
      value: fc.constantFrom("arn:aws:s3", "arn:aws:lambda", "arn:aws:dynamodb", "arn:aws:s3:::b/in/"),
    })
    .map(({ readWriteType, type, value }): Selectors => ({
      kind: "basic",
      selectors: [
        {
          readWriteType,
          includeManagementEvents: true,
          excludeManagementEventSources: [],
          dataResources: [{ type, values: [value] }],
        },
      ],
    }));

  test("may be taken by its kind", () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(ofAdvanced, ofBasic), (selectors) => {
        const selection = selecting(interest(selectors));
        for (const call of calls) {
          if (!takes(selection, call)) continue;
          taken += 1;
          expect([call.operationName, selection.mayTake(call)]).toEqual([call.operationName, true]);
        }
      }),
      { numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  test("and those of other services and names are not asked for", () => {
    const reads = selecting(interest(advanced(ofType("AWS::S3::Object"), { field: "readOnly", equals: ["true"] })));
    expect([get, put].map((call) => reads.mayTake(call))).toEqual([true, false]);
    const table = selecting(interest(advanced(ofType("AWS::DynamoDB::Table"))));
    expect(calls.filter((call) => table.mayTake(call)).map(({ serviceId }) => serviceId)).toEqual([
      "dynamodb",
      "dynamodb",
      "dynamodb",
    ]);
    expect(table.mayTake(apiCall("iam", "CreateUser"))).toBe(false);
  });
});

test("every event that a call causes besides its own is foreseen", () => {
  let further = 0;
  for (const call of calls) {
    for (const { index } of built(call).slice(1)) {
      further += 1;
      expect(furtherEvents(call.serviceId, call.operationName)).toContainEqual({ name: index.name, readOnly: index.readOnly });
    }
  }
  expect(further).toBe(3);
});

test("as many kinds as the catalogue has are remembered, and no more are asked for", () => {
  const selection = selecting(interest(advanced(ofType("AWS::S3::Object"))));
  const operations = loadCatalogue().services.flatMap(({ id, operationNames }) =>
    operationNames.map((operation) => [id, operation] as const),
  );
  const may = operations.filter(([id, operation]) =>
    selection.mayTake({ serviceId: id, operationName: operation, operation: undefined }),
  );
  expect(may.length).toBeGreaterThan(20);
  for (const [id, operation] of may) expect(dataResourceType(id, operation)).toMatch(/^AWS::S3/);
});
