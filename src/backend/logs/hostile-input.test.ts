import * as fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LogsLab } from "./logs-lab.test-support.ts";

const lab = new LogsLab();
beforeAll(async () => await lab.start());
beforeEach(async () => await lab.nextGroup());
afterEach(() => expect(lab.account.errors.splice(0)).toEqual([]));
afterAll(async () => await lab.account.remove());

describe("what no client sends", () => {
  async function raw(body: string, target = "PutLogEvents"): Promise<string> {
    const answer = await fetch(lab.account.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `Logs_20140328.${target}`,
        authorization: "AWS4-HMAC-SHA256 Credential=test/20260302/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=00",
      },
      body,
    });
    return `${answer.status} ${await answer.text()}`;
  }

  test.each([
    ["", /^400 .*InvalidParameterException.*'logEvents'.*must not be null/],
    ["{", /^400 .*SerializationException/],
    ["[]", /^400 .*SerializationException/],
    ['{"logEvents":{}}', /^400 .*SerializationException/],
    ['{"logEvents":[1]}', /^400 .*SerializationException/],
    ['{"logEvents":[{"timestamp":"1","message":"a"}]}', /^400 .*SerializationException/],
    ['{"logEvents":[{"timestamp":1e300,"message":"a"}]}', /^400 .*SerializationException/],
    ['{"logEvents":[{"timestamp":-1,"message":"a"}]}', /^400 .*'logEvents.1.member.timestamp'/],
    ['{"logEvents":[{"timestamp":1,"message":""}]}', /^400 .*'logEvents.1.member.message'/],
    ['{"logEvents":[{"message":"a"}]}', /^400 .*Value null at 'logEvents.1.member.timestamp'/],
    ['{"logEvents":[{"timestamp":1,"message":"a"}],"logGroupName":7}', /^400 .*SerializationException/],
    ['{"logEvents":[{"timestamp":1,"message":"a"}]}', /^400 .*Value null at 'logGroupName'/],
    ['{"__proto__":{"logGroupName":"x"},"logEvents":[{"timestamp":1,"message":"a"}]}', /^400 .*Value null at 'logGroupName'/],
  ])("%s", async (body, answer) => {
    expect(await raw(body)).toMatch(answer);
  });

  test("any members of any types are refused or answered, never failed at", async () => {
    const names = [
      "logGroupName",
      "logStreamName",
      "logEvents",
      "limit",
      "nextToken",
      "tags",
      "filterPattern",
      "startTime",
      "resourceArn",
    ];
    const values = fc.oneof(fc.jsonValue(), fc.constant(lab.group), fc.constant(["s"]));
    const targets = ["CreateLogGroup", "CreateLogStream", "PutLogEvents", "FilterLogEvents", "GetLogEvents", "DescribeLogGroups"];
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), values), fc.constantFrom(...targets), async (body, target) => {
        expect(await raw(JSON.stringify(body), target)).toMatch(/^(?:200|400) /);
      }),
      { numRuns: 300 },
    );
  });

  test("a body larger than any call", async () => {
    expect(await raw(" ".repeat(8 * 1024 * 1024 + 1))).toMatch(/^413 /);
  });
});
