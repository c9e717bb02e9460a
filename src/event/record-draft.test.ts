import * as fc from "fast-check";
import { expect, it } from "vitest";
import { loadCatalogue } from "../aws/catalogue/catalogue.ts";
import type { Shape } from "../aws/catalogue/model.ts";
import type { Tree, TreeObject } from "../aws/tree.ts";
import type { PlainCall } from "./api-call.ts";
import type { Caller } from "./caller.ts";
import { createEventBuilder } from "./build-event.ts";
import { alice, deployer } from "./golden.test-support.ts";
import { RecordDraft } from "./record-draft.ts";

const catalogue = loadCatalogue();
const operations = catalogue.services.flatMap((service) => service.operationNames.map((name) => [service.id, name] as const));

type Target = readonly [serviceId: string, operationName: string];

const texts = ["jobs", "é𝄞", "\udc00", "a".repeat(2000), "x".repeat(120_000), "", "alias/jobs", "arn:aws:sqs:us-east-1:1:q"];

/** A value of the shape; `next` gives numbers below its argument. */
function sample(shape: Shape, next: (below: number) => number, depth = 0): Tree {
  switch (shape.kind) {
    case "structure": {
      const tree: Record<string, Tree> = {};
      if (depth > 3) return tree;
      for (const { name, target } of shape.members.values()) if (next(3) > 0) tree[name] = sample(target, next, depth + 1);
      return tree;
    }
    case "list":
      return depth > 3 ? [] : Array.from({ length: next(3) }, () => sample(shape.member.target, next, depth + 1));
    case "map":
      return depth > 3 ? {} : { [texts[next(4)] ?? ""]: sample(shape.value.target, next, depth + 1) };
    case "blob":
      return new Uint8Array(next(9));
    case "boolean":
      return next(2) === 1;
    case "timestamp":
      return new Date(next(1e9) * 1000);
    case "number":
    case "bigInteger":
    case "bigDecimal":
      return next(1000);
    default:
      return texts[next(60)] ?? `text${next(1000)}`;
  }
}

function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function inputOf([serviceId, name]: Target, seed: number): TreeObject | undefined {
  const shape = catalogue.service(serviceId)?.operation(name)?.input;
  return shape === undefined ? undefined : (sample(shape, numbersFrom(seed)) as TreeObject);
}

/** A call as it is known before it leaves. */
function callOf([serviceId, operationName]: Target, input: TreeObject | undefined, caller: Caller = alice): PlainCall {
  const service = catalogue.service(serviceId);
  const body = Buffer.from("Action=X&Name=jobs");
  return {
    eventId: "eeeeeeee-0000-4000-8000-000000000001",
    requestId: "before",
    startedAt: 1000,
    completedAt: 1001,
    operation: service?.operation(operationName),
    serviceId,
    signingName: service?.signingName ?? serviceId,
    operationName,
    region: "eu-west-1",
    accountId: "123456789012",
    caller,
    sourceIp: "198.51.100.24",
    userAgent: "aws-cli/2",
    signature: { version: "SigV4", method: "header" },
    tls: undefined,
    request: {
      method: "POST",
      path: "/bucket/key",
      query: [["acl", ""]],
      headers: new Map([["content-type", "application/x-www-form-urlencoded"]]),
      host: "gateway:4566",
      s3: { bucket: "bucket", key: "key" },
      body,
      bodyTruncated: false,
      bodyBytes: body.length,
    },
    response: undefined,
    input,
    output: undefined,
    error: undefined,
    notes: { outcome: "unknown" },
  };
}

const errors = ["AccessDenied", "ThrottlingException", "ValidationError", "Whatever"];

const cases = fc.record({
  target: fc.constantFrom<Target>(...operations, ["unheard-of", "DoIt"]),
  other: fc.constantFrom<Target>(...operations),
  seed: fc.nat(),
  // The session's ARN is made here, for the region's partition.
  caller: fc.constantFrom(alice, deployer),
  change: fc.constantFrom("none", "none", "input", "same input anew", "operation", "caller", "region", "host", "no input"),
  error: fc.option(fc.constantFrom(...errors), { nil: undefined }),
  omittedMarker: fc.boolean(),
  showSessionTokens: fc.boolean(),
});

type Case = typeof cases extends fc.Arbitrary<infer Generated> ? Generated : never;

/** The same call when it is answered, or what has become of it by then. */
function answered(before: PlainCall, { target, other, seed, change, error }: Case): PlainCall {
  const { notes: _, ...call } = before;
  const shape = call.operation?.output;
  const output = error === undefined && shape !== undefined ? (sample(shape, numbersFrom(seed + 1)) as TreeObject) : undefined;
  const status = error === undefined ? 200 : 400;
  const after: PlainCall = {
    ...call,
    requestId: "after",
    completedAt: 5000,
    response: { status, headers: new Map(), body: Buffer.from("{}"), bodyTruncated: false, bodyBytes: 2, startedAt: 4000 },
    output,
    error: error === undefined ? undefined : { code: error, message: "no", status },
  };
  switch (change) {
    case "input":
      return { ...after, input: inputOf(target, seed + 2) };
    case "same input anew":
      return { ...after, input: inputOf(target, seed) };
    case "operation":
      return { ...callOf(other, after.input), eventId: after.eventId, completedAt: 5000 };
    case "caller":
      return { ...after, caller: before.caller === alice ? deployer : alice };
    case "region":
      return { ...after, region: "cn-north-1" };
    case "host":
      return { ...after, request: { ...after.request, host: "iam.us-gov.amazonaws.com" } };
    case "no input":
      return { ...after, input: undefined };
    default:
      return after;
  }
}

it("a record made of a draft is the record that is made without one", () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { omittedMarker, showSessionTokens } = one;
      const builder = createEventBuilder({
        newId: () => "ffffffff-0000-4000-8000-000000000001",
        omittedMarker,
        showSessionTokens,
      });
      const before = callOf(one.target, inputOf(one.target, one.seed), one.caller);
      const draft = new RecordDraft();
      const built = (call: PlainCall, from?: RecordDraft): string[] =>
        builder.build(call, from).map(({ record, index }) => Buffer.from(record).toString() + JSON.stringify(index));
      expect(built(before, draft)).toEqual(built(before));
      const after = answered(before, one);
      const plain = built(after);
      expect(built(after, draft)).toEqual(plain);
      // Whatever stood in the draft meanwhile.
      expect(built(after, draft)).toEqual(plain);
    }),
    { numRuns: 2000 },
  );
});

it("the second record takes over what the first one left", () => {
  const target = ["sqs", "CreateQueue"] as const;
  const before = callOf(target, { QueueName: "jobs" });
  const draft = new RecordDraft();
  createEventBuilder({ newId: () => "" }).build(before, draft);
  const fail = (): never => {
    throw new Error("made again");
  };
  expect(draft.parameters(before, fail)).toEqual({ queueName: "jobs" });
});
