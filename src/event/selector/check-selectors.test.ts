import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AwsError } from "../../aws/aws-error.ts";
import { checkAdvancedSelectors } from "./check-advanced-selectors.ts";
import { checkBasicSelectors } from "./check-basic-selectors.ts";
import {
  type FieldOperator,
  FIELD_OPERATORS,
  type GivenAdvancedSelector,
  type GivenBasicSelector,
  type GivenFieldSelector,
} from "./given-selectors.ts";
import { sortedFields } from "./sorted-fields.ts";

const nothing: GivenBasicSelector = {
  readWriteType: undefined,
  includeManagementEvents: undefined,
  excludeManagementEventSources: undefined,
  dataResources: undefined,
};
const withValues = (type: string, ...values: string[]): GivenBasicSelector => ({ ...nothing, dataResources: [{ type, values }] });
const field = (name: string, operators: Partial<Record<FieldOperator, readonly string[]>>): GivenFieldSelector => ({
  field: name,
  operators: new Map(Object.entries(operators) as [FieldOperator, readonly string[]][]),
});
const advanced = (...fieldSelectors: GivenFieldSelector[]): GivenAdvancedSelector => ({ name: undefined, fieldSelectors });

/** The message of the refusal; undefined where there is none. */
function refusal(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    expect(error.code).toBe("InvalidEventSelectorsException");
    expect(error.status).toBe(400);
    return error.message;
  }
}
const basicRefusal = (...given: GivenBasicSelector[]): string | undefined => refusal(() => checkBasicSelectors(given));
const advancedRefusal = (...fields: GivenFieldSelector[]): string | undefined =>
  refusal(() => checkAdvancedSelectors([advanced(...fields)]));

describe("basic selectors", () => {
  test("what was left out has AWS's defaults", () => {
    expect(checkBasicSelectors([nothing])).toEqual([
      { readWriteType: "All", includeManagementEvents: true, excludeManagementEventSources: [], dataResources: [] },
    ]);
  });

  test("one to five", () => {
    expect(basicRefusal()).toMatch(/between 1 and 5/);
    expect(basicRefusal(...Array.from({ length: 5 }, () => nothing))).toBeUndefined();
    expect(basicRefusal(...Array.from({ length: 6 }, () => nothing))).toMatch(/between 1 and 5/);
  });

  test.each([
    "arn:aws:s3",
    "arn:aws:s3:::",
    "arn:aws-cn:s3:::bucket/",
    "arn:aws:s3:::bucket/",
    "arn:aws:s3:::bucket/logs/2026",
    "arn:aws:s3:::bucket/a b*",
  ])("objects below %s", (value) => {
    expect(basicRefusal(withValues("AWS::S3::Object", value))).toBeUndefined();
  });

  test.each(["arn:aws:s3:::bucket", "arn:aws:s3:::*", "arn:aws:s3:::*/*", "arn:aws:s3:::/", "bucket/", "", "arn:aws:s3::"])(
    "no objects below %j",
    (value) => {
      expect(basicRefusal(withValues("AWS::S3::Object", value))).toBe(`Value ${value} for DataResources.Values is invalid.`);
    },
  );

  test("no objects below the ARN of something else", () => {
    const value = "arn:aws:lambda:us-east-1:111122223333:function:f";
    expect(basicRefusal(withValues("AWS::S3::Object", value))).toBe(`Invalid S3 ARN: ${value}`);
  });

  test.each([
    ["AWS::Lambda::Function", "arn:aws:lambda", true],
    ["AWS::Lambda::Function", "arn:aws:lambda:eu-west-1:111122223333:function:f", true],
    ["AWS::Lambda::Function", "arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST", false],
    ["AWS::Lambda::Function", "arn:aws:lambda:eu-west-1:111122223333:function:f:7", false],
    ["AWS::Lambda::Function", "arn:aws:lambda:*", false],
    ["AWS::DynamoDB::Table", "arn:aws:dynamodb", true],
    ["AWS::DynamoDB::Table", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", true],
    ["AWS::DynamoDB::Table", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026", false],
    ["AWS::DynamoDB::Table", "orders", false],
  ])("%s %s", (type, value, accepted) => {
    const problem = accepted ? undefined : `Value ${value} for DataResources.Values is invalid.`;
    expect(basicRefusal(withValues(type, value))).toBe(problem);
  });

  test("only three types, by AWS's words", () => {
    expect(basicRefusal(withValues("AWS::SQS::Queue", "arn:aws:sqs"))).toBe(
      "Value AWS::SQS::Queue for DataResources.Type is invalid. Valid values are: AWS::DynamoDB::Table, AWS::Lambda::Function, AWS::S3::Object",
    );
  });

  test("250 data resources in all, not counting those that stand for everything", () => {
    const some = (count: number): string[] => Array.from({ length: count }, (_, at) => `arn:aws:s3:::bucket-${at}/`);
    const all = withValues("AWS::Lambda::Function", ...Array.from({ length: 300 }, () => "arn:aws:lambda"));
    const s3 = (count: number): GivenBasicSelector => withValues("AWS::S3::Object", ...some(count));
    expect(basicRefusal(s3(200), s3(50), all)).toBeUndefined();
    expect(basicRefusal(s3(200), s3(51))).toMatch(/up to 250 data resources.*251/);
  });

  test("other values are refused", () => {
    expect(basicRefusal({ ...nothing, readWriteType: "read-only" })).toMatch(/^Value read-only for ReadWriteType is invalid/);
    expect(basicRefusal({ ...nothing, excludeManagementEventSources: ["s3.amazonaws.com"] })).toMatch(/s3.amazonaws.com/);
    expect(
      basicRefusal({ ...nothing, excludeManagementEventSources: ["kms.amazonaws.com", "rdsdata.amazonaws.com"] }),
    ).toBeUndefined();
  });
});

const management = field("eventCategory", { equals: ["Management"] });
const data = field("eventCategory", { equals: ["Data"] });
const network = field("eventCategory", { equals: ["NetworkActivity"] });
const type = (name: string): GivenFieldSelector => field("resources.type", { equals: [name] });
const functionArn = "arn:aws:lambda:us-east-1:111122223333:function:f";

describe("advanced selectors", () => {
  const accepted: Readonly<Record<string, readonly GivenFieldSelector[]>> = {
    "management events": [management],
    "management events, reads without two sources": [
      management,
      field("readOnly", { equals: ["true"] }),
      field("eventSource", { notEquals: ["kms.amazonaws.com", "rdsdata.amazonaws.com"] }),
    ],
    "data events by everything": [
      data,
      type("AWS::S3::Object"),
      field("readOnly", { equals: ["false"] }),
      field("eventSource", { equals: ["s3.amazonaws.com"] }),
      field("eventName", { startsWith: ["Put"], notEndsWith: ["Acl"] }),
      field("eventType", { notEquals: ["AwsServiceEvent"] }),
      field("resources.ARN", { startsWith: ["arn:aws:s3:::b/"], notStartsWith: ["arn:aws:s3:::b/tmp/"] }),
      field("userIdentity.arn", { notEndsWith: ["/robot"] }),
      field("sessionCredentialFromConsole", { notEquals: ["true"] }),
    ],
    "one function": [data, type("AWS::Lambda::Function"), field("resources.ARN", { equals: [functionArn] })],
    "versions of a function": [data, type("AWS::Lambda::Function"), field("resources.ARN", { startsWith: [`${functionArn}:`] })],
    "a type of the newest": [data, type("AWS::S3Vectors::Index")],
    "network activity": [
      network,
      field("eventSource", { equals: ["kms.amazonaws.com"] }),
      field("errorCode", { equals: ["VpceAccessDenied"] }),
      field("vpcEndpointId", { equals: ["vpce-0a1b2c3d4e5f60718"] }),
      field("eventName", { notStartsWith: ["Describe"] }),
    ],
  };
  test.each(Object.entries(accepted))("%s", (_, fields) => {
    expect(advancedRefusal(...fields)).toBeUndefined();
  });

  const refused: Readonly<Record<string, readonly GivenFieldSelector[]>> = {
    "no fields": [],
    "no category": [type("AWS::S3::Object")],
    "two categories": [management, data],
    "two categories in one": [field("eventCategory", { equals: ["Management", "Data"] })],
    "a category by another operator": [field("eventCategory", { startsWith: ["Man"] })],
    "a category of event data stores": [field("eventCategory", { equals: ["Insight"] })],
    "an unknown field": [management, field("awsRegion", { equals: ["us-east-1"] })],
    "a field without operators": [management, field("readOnly", {})],
    "an operator without values": [management, field("readOnly", { equals: [] })],
    "an empty value": [data, type("AWS::S3::Object"), field("eventName", { equals: [""] })],
    "a value that is too long": [data, type("AWS::S3::Object"), field("eventName", { equals: ["x".repeat(2049)] })],
    "one source of management events": [management, field("eventSource", { equals: ["kms.amazonaws.com"] })],
    "management events without another source": [management, field("eventSource", { notEquals: ["s3.amazonaws.com"] })],
    "management events by name": [management, field("eventName", { equals: ["CreateUser"] })],
    "management events by resource": [management, type("AWS::S3::Object")],
    "neither read nor write": [management, field("readOnly", { equals: ["maybe"] })],
    "what is not read-only, by negation": [management, field("readOnly", { notEquals: ["true"] })],
    "data events without a type": [data, field("eventName", { equals: ["PutObject"] })],
    "data events of two types": [data, field("resources.type", { equals: ["AWS::S3::Object", "AWS::SQS::Queue"] })],
    "data events of two types, apart": [data, type("AWS::S3::Object"), type("AWS::SQS::Queue")],
    "a type that nobody knows": [data, type("AWS::S3::Objects")],
    "all but a type": [data, field("resources.type", { notEquals: ["AWS::S3::Object"] })],
    "data events by errorCode": [data, type("AWS::S3::Object"), field("errorCode", { equals: ["AccessDenied"] })],
    "a console that is false": [data, type("AWS::S3::Object"), field("sessionCredentialFromConsole", { equals: ["false"] })],
    "the latest version of a function": [
      data,
      type("AWS::Lambda::Function"),
      field("resources.ARN", { equals: [`${functionArn}:$LATEST`] }),
    ],
    "all but a version of a function": [
      data,
      type("AWS::Lambda::Function"),
      field("resources.ARN", { notEquals: [`${functionArn}:7`] }),
    ],
    "network activity of everything": [network],
    "network activity of two services": [network, field("eventSource", { equals: ["kms.amazonaws.com", "s3.amazonaws.com"] })],
    "network activity of a service without any": [network, field("eventSource", { equals: ["iam.amazonaws.com"] })],
    "network activity by read-only": [
      network,
      field("eventSource", { equals: ["kms.amazonaws.com"] }),
      field("readOnly", { equals: ["true"] }),
    ],
    "network activity by another error": [
      network,
      field("eventSource", { equals: ["kms.amazonaws.com"] }),
      field("errorCode", { equals: ["AccessDenied"] }),
    ],
  };
  test.each(Object.entries(refused))("not %s", (_, fields) => {
    expect(advancedRefusal(...fields)).toBeTypeOf("string");
  });

  test("500 values over all conditions, at least one selector, names up to a length", () => {
    const values = (count: number): GivenAdvancedSelector =>
      advanced(data, type("AWS::S3::Object"), field("eventName", { equals: Array.from({ length: count }, (_, at) => `E${at}`) }));
    const problem = (...given: GivenAdvancedSelector[]): string | undefined => refusal(() => checkAdvancedSelectors(given));
    expect(problem(values(240), values(256))).toBeUndefined();
    expect(problem(values(240), values(257))).toMatch(/up to 500 values.*501/);
    expect(problem()).toMatch(/At least one/);
    expect(problem({ ...values(1), name: "n".repeat(1000) })).toBeUndefined();
    expect(problem({ ...values(1), name: "n".repeat(1001) })).toMatch(/1000 characters/);
  });

  test("fields keep the order in which they were set, and are given back in AWS's", () => {
    const fields = ["eventCategory", "resources.type", "resources.ARN", "userIdentity.arn"];
    const [checked] = checkAdvancedSelectors([
      advanced(
        data,
        type("AWS::S3::Object"),
        field("resources.ARN", { startsWith: ["arn:aws:s3:::b/"] }),
        field("userIdentity.arn", { notEquals: ["arn:aws:iam::111122223333:user/a"] }),
      ),
    ]);
    expect(checked?.fieldSelectors.map((selector) => selector.field)).toEqual(fields);
    expect(checked && sortedFields(checked).fieldSelectors.map((selector) => selector.field)).toEqual([
      "userIdentity.arn",
      "eventCategory",
      "resources.ARN",
      "resources.type",
    ]);
  });
});

test("whatever is given is accepted whole or refused by AWS's name", () => {
  const word = fc.oneof(
    fc.string({ maxLength: 5 }),
    fc.constantFrom("Data", "Management", "AWS::S3::Object", "true", "constructor"),
  );
  const name = fc.oneof(word, fc.constantFrom("eventCategory", "resources.type", "eventName", "__proto__", "toString"));
  const anyField = fc
    .tuple(name, fc.array(fc.tuple(fc.constantFrom(...FIELD_OPERATORS), fc.array(word, { maxLength: 2 })), { maxLength: 2 }))
    .map(([one, operators]): GivenFieldSelector => ({ field: one, operators: new Map(operators) }));
  fc.assert(
    fc.property(fc.array(anyField, { maxLength: 4 }), (fields) => {
      const given = fields.map(({ field: one }) => one);
      refusal(() => {
        const [checked] = checkAdvancedSelectors([advanced(...fields)]);
        expect(checked?.fieldSelectors.map((selector) => selector.field)).toEqual(given);
      });
    }),
  );
  fc.assert(fc.property(word, word, (one, value) => void basicRefusal({ ...withValues(one, value), readWriteType: one })));
});
