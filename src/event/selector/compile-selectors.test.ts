import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileSelectors } from "./compile-selectors.ts";
import type { EventView } from "./event-view.ts";
import type { AdvancedSelector, BasicSelector, FieldSelector, SelectorField, Selectors } from "./selectors.ts";

const putObject: EventView = {
  category: "Data",
  readOnly: false,
  source: "s3.amazonaws.com",
  name: "PutObject",
  type: "AwsApiCall",
  resources: [
    { type: "AWS::S3::Bucket", arn: "arn:aws:s3:::data" },
    { type: "AWS::S3::Object", arn: "arn:aws:s3:::data/in/a.csv" },
  ],
  userArn: "arn:aws:iam::123456789012:user/alice",
  fromConsole: false,
  errorCode: undefined,
  vpcEndpointId: undefined,
};
const decrypt: EventView = {
  ...putObject,
  category: "Management",
  readOnly: true,
  source: "kms.amazonaws.com",
  name: "Decrypt",
  resources: [{ type: "AWS::KMS::Key", arn: "arn:aws:kms:us-east-1:123456789012:key/1" }],
};
const invoke: EventView = {
  ...putObject,
  source: "lambda.amazonaws.com",
  name: "Invoke",
  resources: [{ type: "AWS::Lambda::Function", arn: "arn:aws:lambda:us-east-1:123456789012:function:f" }],
};

const basic = (selector: Partial<BasicSelector>): Selectors => ({
  kind: "basic",
  selectors: [
    { readWriteType: "All", includeManagementEvents: false, excludeManagementEventSources: [], dataResources: [], ...selector },
  ],
});
const advanced = (...fieldSelectors: FieldSelector[]): Selectors => ({ kind: "advanced", selectors: [{ fieldSelectors }] });
const data: FieldSelector = { field: "eventCategory", equals: ["Data"] };
const objects: FieldSelector = { field: "resources.type", equals: ["AWS::S3::Object"] };
const takes = (selectors: Selectors | undefined, event: EventView): boolean => compileSelectors(selectors)(event);

test("a trail without selectors takes all management events and nothing else", () => {
  expect(takes(undefined, decrypt)).toBe(true);
  expect(takes(undefined, { ...decrypt, readOnly: false })).toBe(true);
  expect(takes(undefined, putObject)).toBe(false);
  expect(takes(undefined, { ...decrypt, category: "Insight" })).toBe(false);
  expect(takes(undefined, { ...decrypt, category: "NetworkActivity" })).toBe(false);
});

describe("basic selectors", () => {
  test("tell reads from writes, of management and of data", () => {
    const dataResources = [{ type: "AWS::S3::Object", values: ["arn:aws:s3"] }] as const;
    const reads = basic({ readWriteType: "ReadOnly", includeManagementEvents: true, dataResources });
    const writes = basic({ readWriteType: "WriteOnly", includeManagementEvents: true, dataResources });
    expect([takes(reads, decrypt), takes(writes, decrypt)]).toEqual([true, false]);
    expect([takes(reads, putObject), takes(writes, putObject)]).toEqual([false, true]);
  });

  test("leave out the sources of management events that they exclude", () => {
    const set = basic({ includeManagementEvents: true, excludeManagementEventSources: ["kms.amazonaws.com"] });
    expect(takes(set, decrypt)).toBe(false);
    expect(takes(set, { ...decrypt, source: "iam.amazonaws.com" })).toBe(true);
  });

  test.each([
    ["AWS::S3::Object", "arn:aws:s3", putObject, true],
    ["AWS::S3::Object", "arn:aws:s3:::", putObject, true],
    ["AWS::S3::Object", "arn:aws:s3:::data/", putObject, true],
    ["AWS::S3::Object", "arn:aws:s3:::data/in/", putObject, true],
    ["AWS::S3::Object", "arn:aws:s3:::data/out/", putObject, false],
    ["AWS::S3::Object", "arn:aws:s3:::dat/", putObject, false],
    ["AWS::S3::Object", "arn:aws:s3:::data/*", putObject, false],
    ["AWS::Lambda::Function", "arn:aws:s3", putObject, false],
    ["AWS::Lambda::Function", "arn:aws:lambda", invoke, true],
    ["AWS::Lambda::Function", "arn:aws:lambda:us-east-1:123456789012:function:f", invoke, true],
    ["AWS::Lambda::Function", "arn:aws:lambda:us-east-1:123456789012:function:", invoke, false],
    ["AWS::Lambda::Function", "arn:aws:lambda:us-east-1:123456789012:function:f2", invoke, false],
  ] as const)("%s %s", (type, value, event, expected) => {
    expect(takes(basic({ dataResources: [{ type, values: [value] }] }), event)).toBe(expected);
  });

  test("take a listing by the beginning that it asked for", () => {
    const set = basic({ dataResources: [{ type: "AWS::S3::Object", values: ["arn:aws:s3:::data/in/"] }] });
    const listing = (arn: string): EventView => ({ ...putObject, readOnly: true, resources: [{ type: "AWS::S3::Object", arn }] });
    expect(takes(set, listing("arn:aws:s3:::data/in/2026"))).toBe(true);
    expect(takes(set, listing("arn:aws:s3:::data/"))).toBe(false);
  });

  test("take everything of a type even where the event names no resource", () => {
    const nameless = { ...putObject, resources: [{ type: "AWS::S3::Object", arn: undefined }] };
    expect(takes(basic({ dataResources: [{ type: "AWS::S3::Object", values: ["arn:aws:s3"] }] }), nameless)).toBe(true);
    expect(takes(basic({ dataResources: [{ type: "AWS::S3::Object", values: ["arn:aws:s3:::data/"] }] }), nameless)).toBe(false);
  });
});

describe("advanced selectors", () => {
  test("take a category only where they name it", () => {
    expect(takes(advanced(data, objects), putObject)).toBe(true);
    expect(takes(advanced({ field: "eventCategory", equals: ["Management"] }), putObject)).toBe(false);
    expect(takes(advanced({ field: "eventCategory", equals: ["Management"] }), decrypt)).toBe(true);
    expect(takes(advanced({ field: "eventCategory", equals: ["Insight"] }), { ...decrypt, category: "Insight" })).toBe(false);
    expect(takes({ kind: "advanced", selectors: [] }, decrypt)).toBe(false);
  });

  test("want type and ARN of one and the same resource", () => {
    const both = { ...putObject, resources: [...putObject.resources, { type: "AWS::S3::AccessPoint", arn: "arn:aws:s3:::ap" }] };
    expect(takes(advanced(data, objects, { field: "resources.ARN", equals: ["arn:aws:s3:::ap"] }), both)).toBe(false);
    expect(takes(advanced(data, objects, { field: "resources.ARN", startsWith: ["arn:aws:s3:::data/"] }), both)).toBe(true);
  });

  test("a table's stream beside it does not keep its event out", () => {
    const table = "arn:aws:dynamodb:us-east-1:123456789012:table/t";
    const put: EventView = {
      ...putObject,
      source: "dynamodb.amazonaws.com",
      name: "PutItem",
      resources: [
        { type: "AWS::DynamoDB::Table", arn: table },
        { type: "AWS::DynamoDB::Stream", arn: `${table}/stream/2026` },
      ],
    };
    for (const type of ["AWS::DynamoDB::Table", "AWS::DynamoDB::Stream"]) {
      expect(takes(advanced(data, { field: "resources.type", equals: [type] }), put)).toBe(true);
    }
    const tables: FieldSelector = { field: "resources.type", equals: ["AWS::DynamoDB::Table"] };
    expect(takes(advanced(data, tables, { field: "resources.ARN", equals: [table] }), put)).toBe(true);
  });

  test("weigh positive and negative operators of one field as two groups", () => {
    const named = (selector: Omit<FieldSelector, "field">, name: string): boolean =>
      takes(advanced(data, objects, { field: "eventName", ...selector }), { ...putObject, name });
    const selector = { startsWith: ["Put", "Get"], endsWith: ["Tagging"], notEquals: ["PutObject"], notEndsWith: ["Acl"] };
    expect(["PutObjectTagging", "DeleteObjectTagging", "GetObject"].map((name) => named(selector, name))).toEqual([
      true,
      true,
      true,
    ]);
    expect(["PutObject", "GetObjectAcl", "DeleteObject"].map((name) => named(selector, name))).toEqual([false, false, false]);
    expect(named({ notStartsWith: ["Delete"] }, "PutObject")).toBe(true);
    expect(named({ equals: ["Put*"] }, "PutObject")).toBe(false);
  });

  test("a field that the event does not have fails what is asked of it and passes what is excluded", () => {
    const denied = advanced(
      { field: "eventCategory", equals: ["NetworkActivity"] },
      { field: "errorCode", equals: ["VpceAccessDenied"] },
    );
    const vpce: EventView = { ...putObject, category: "NetworkActivity", resources: [], vpcEndpointId: "vpce-1" };
    expect([takes(denied, vpce), takes(denied, { ...vpce, errorCode: "VpceAccessDenied" })]).toEqual([false, true]);
    const console: FieldSelector = { field: "sessionCredentialFromConsole", notEquals: ["true"] };
    expect([
      takes(advanced(data, objects, console), putObject),
      takes(advanced(data, objects, console), { ...putObject, fromConsole: true }),
    ]).toEqual([true, false]);
  });
});

/** The rules as the guide words them, read anew for each event. */
function naive(selectors: Selectors, event: EventView): boolean {
  if (event.category === "Insight") return false;
  if (selectors.kind === "basic") return selectors.selectors.some((selector) => naiveBasic(selector, event));
  return selectors.selectors.some(({ fieldSelectors }) => naiveAdvanced(fieldSelectors, event));
}

function naiveBasic(selector: BasicSelector, event: EventView): boolean {
  if (selector.readWriteType === "ReadOnly" && !event.readOnly) return false;
  if (selector.readWriteType === "WriteOnly" && event.readOnly) return false;
  if (event.category === "Management") {
    return selector.includeManagementEvents && !selector.excludeManagementEventSources.includes(event.source);
  }
  if (event.category !== "Data") return false;
  return selector.dataResources.some(({ type, values }) =>
    values.some((value) =>
      event.resources.some((resource) => {
        if (resource.type !== type) return false;
        if (value.split(":").length === 3 || value.endsWith(":::")) return true;
        return type === "AWS::S3::Object" ? resource.arn?.startsWith(value) === true : resource.arn === value;
      }),
    ),
  );
}

function naiveAdvanced(fields: readonly FieldSelector[], event: EventView): boolean {
  const own: Partial<Record<SelectorField, string | undefined>> = {
    eventCategory: event.category,
    readOnly: String(event.readOnly),
    eventSource: event.source,
    eventName: event.name,
    eventType: event.type,
    "userIdentity.arn": event.userArn,
    sessionCredentialFromConsole: event.fromConsole ? "true" : undefined,
    errorCode: event.errorCode,
    vpcEndpointId: event.vpcEndpointId,
  };
  const holds = (selector: FieldSelector, value: string | undefined): boolean => {
    const { equals = [], startsWith = [], endsWith = [], notEquals = [], notStartsWith = [], notEndsWith = [] } = selector;
    const hit = (some: readonly string[], test: (text: string, one: string) => boolean): boolean =>
      value !== undefined && some.some((one) => test(value, one));
    const same = (text: string, one: string): boolean => text === one;
    const begins = (text: string, one: string): boolean => text.startsWith(one);
    const ends = (text: string, one: string): boolean => text.endsWith(one);
    const asks = equals.length + startsWith.length + endsWith.length > 0;
    const positive = !asks || hit(equals, same) || hit(startsWith, begins) || hit(endsWith, ends);
    return positive && !hit(notEquals, same) && !hit(notStartsWith, begins) && !hit(notEndsWith, ends);
  };
  const onResources = fields.filter(({ field }) => field.startsWith("resources."));
  const touched =
    onResources.length === 0 ||
    event.resources.some(({ type, arn }) => onResources.every((one) => holds(one, one.field === "resources.type" ? type : arn)));
  return touched && fields.every((one) => one.field.startsWith("resources.") || holds(one, own[one.field]));
}

// Few letters, so that beginnings, ends and equal values are hit often.
const word = fc.stringMatching(/^[ab]{1,4}$/);
const words = fc.array(word, { minLength: 1, maxLength: 6 });
const arnText = fc
  .constantFrom("arn:aws:s3:::", "arn:aws:lambda:")
  .chain((start) => fc.stringMatching(/^[ab/]{0,4}$/).map((end) => start + end));
const type = fc.constantFrom("AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table");
const category = fc.constantFrom("Management", "Data", "NetworkActivity", "Insight");
const optional = <Value>(some: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> => fc.option(some, { nil: undefined });

const anyEvent: fc.Arbitrary<EventView> = fc.record({
  category,
  readOnly: fc.boolean(),
  source: fc.oneof(word, fc.constant("kms.amazonaws.com")),
  name: word,
  type: word,
  resources: fc.array(fc.record({ type: optional(type), arn: optional(fc.oneof(word, arnText)) }), { maxLength: 3 }),
  userArn: optional(word),
  fromConsole: fc.boolean(),
  errorCode: optional(word),
  vpcEndpointId: optional(word),
});

const anyBasic: fc.Arbitrary<BasicSelector> = fc
  .record({
    readWriteType: fc.constantFrom("All", "ReadOnly", "WriteOnly"),
    includeManagementEvents: fc.boolean(),
    excludeManagementEventSources: fc.subarray(["kms.amazonaws.com", "rdsdata.amazonaws.com"]),
    dataResources: fc.array(
      fc.record({
        type,
        values: fc.array(
          fc.oneof(arnText, fc.constantFrom("arn:aws:s3", "arn:aws:lambda", "arn:aws:dynamodb", "arn:aws:s3:::")),
          { maxLength: 5 },
        ),
      }),
      { maxLength: 3 },
    ),
  })
  .map((selector) => ({
    ...selector,
    // "Everything" of another type than its own is refused before it comes here.
    dataResources: selector.dataResources.map(({ type: of, values }) => ({
      type: of,
      values: values.filter((value) =>
        value.split(":").length > 3
          ? of === "AWS::S3::Object" || !value.endsWith(":::")
          : of.toLowerCase().includes(value.split(":")[2] ?? ""),
      ),
    })),
  }));

const operators = fc.record(
  { equals: words, startsWith: words, endsWith: words, notEquals: words, notStartsWith: words, notEndsWith: words },
  { requiredKeys: [] },
);
const anyField: fc.Arbitrary<FieldSelector> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom<SelectorField>(
        "eventSource",
        "eventName",
        "eventType",
        "resources.ARN",
        "userIdentity.arn",
        "errorCode",
        "vpcEndpointId",
      ),
      operators,
    )
    .map(([field, given]) => ({ field, ...given })),
  fc.record({ field: fc.constant<SelectorField>("readOnly"), equals: fc.subarray(["true", "false"], { minLength: 1 }) }),
  fc.record({ field: fc.constant<SelectorField>("sessionCredentialFromConsole"), notEquals: fc.constant(["true"]) }),
  fc.record({ field: fc.constant<SelectorField>("resources.type"), equals: fc.array(type, { minLength: 1, maxLength: 2 }) }),
);
const anyAdvanced: fc.Arbitrary<AdvancedSelector> = fc
  .tuple(category, fc.array(anyField, { maxLength: 4 }))
  .map(([one, fields]) => ({ fieldSelectors: [{ field: "eventCategory", equals: [one] }, ...fields] }));

const anySelectors: fc.Arbitrary<Selectors> = fc.oneof(
  fc.array(anyBasic, { minLength: 1, maxLength: 5 }).map((selectors): Selectors => ({ kind: "basic", selectors })),
  fc.array(anyAdvanced, { minLength: 1, maxLength: 5 }).map((selectors): Selectors => ({ kind: "advanced", selectors })),
);

test("compiled selectors decide as the rules do, read word by word", () => {
  fc.assert(
    fc.property(anySelectors, fc.array(anyEvent, { minLength: 1, maxLength: 20 }), (selectors, events) => {
      const compiled = compileSelectors(selectors);
      for (const event of events) expect(compiled(event)).toBe(naive(selectors, event));
    }),
    { numRuns: 2000 },
  );
});
