import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, EventsLab, REGION } from "./events.test-support.ts";
import { EVENTS_OPERATIONS } from "./events-operations.ts";

let lab: EventsLab;
beforeAll(async () => void (lab = await EventsLab.start()));
afterAll(async () => await lab.account.remove());

const MEMBERS = (
  "Name EventPattern ScheduleExpression State Description RoleArn Tags EventBusName Rule Targets Ids Entries Event ResourceARN TagKeys " +
  "Limit NextToken NamePrefix TargetArn Id Arn Input InputPath InputTransformer InputPathsMap InputTemplate SqsParameters " +
  "MessageGroupId HttpParameters DeadLetterConfig RetryPolicy MaximumRetryAttempts Key Value Source DetailType Detail Time Resources"
).split(" ");
const TEXTS = [
  "default",
  "a",
  '{"a":["b"]}',
  "$.detail[*].x",
  "<aws.events.event>",
  "__proto__",
  "\ud800",
  "\0",
  `arn:aws:sqs:${REGION}:${ACCOUNT}:q`,
  `arn:aws:events:${REGION}:${ACCOUNT}:rule/a`,
  `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`,
];
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...TEXTS),
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...MEMBERS), tie("value"), { maxKeys: 4 }),
  ),
}));
const body = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.dictionary(fc.constantFrom(...MEMBERS), value, { maxKeys: 6 }).map((members) => JSON.stringify(members)),
  },
  { weight: 1, arbitrary: fc.string() },
);

test("whatever is asked is answered, and nothing is our fault", async () => {
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...EVENTS_OPERATIONS.keys()), body, async (operation, text) => {
      const response = await fetch(lab.account.url, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `AWSEvents.${operation}`,
          authorization: `AWS4-HMAC-SHA256 Credential=${lab.options().credentials.accessKeyId}/20260302/${REGION}/events/aws4_request, SignedHeaders=host, Signature=00`,
        },
        body: text,
      });
      const answer = (await response.json()) as { readonly __type?: string };
      statuses.add(response.status);
      expect([200, 400, 501]).toContain(response.status);
      if (response.status !== 200) expect(answer.__type).toMatch(/^[A-Z][A-Za-z]+$/);
    }),
    { numRuns: 1500 },
  );
  expect(statuses).toContain(200);
  expect(statuses).toContain(400);
  expect(lab.account.errors).toEqual([]);
});
