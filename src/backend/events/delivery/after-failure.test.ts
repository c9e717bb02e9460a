import { expect, test } from "vitest";
import { afterFailure } from "./after-failure.ts";
import { DeliveryError } from "./delivery-error.ts";
import type { Delivery } from "./delivery-table.ts";
import type { RetryPolicy } from "../target.ts";

const HOUR = 3_600_000;
const TROUBLE = new DeliveryError("TIMEOUT", "too late", false);

function delivery(RetryPolicy?: RetryPolicy, deadLetters = true): Delivery {
  return {
    number: 1,
    event: "{}",
    receivedAt: 0,
    place: { accountId: "123456789012", region: "us-east-1" },
    ruleName: "r",
    ruleArn: "arn",
    target: {
      Id: "t",
      Arn: "a",
      ...(RetryPolicy === undefined ? {} : { RetryPolicy }),
      ...(deadLetters ? { DeadLetterConfig: { Arn: "d" } } : {}),
    },
    attempts: 0,
  };
}

/** Attempts until it is given up, all failing, and when. */
function life(first: Delivery): {
  readonly attempts: number;
  readonly at: number;
  readonly last: ReturnType<typeof afterFailure>;
} {
  let [current, now, attempts] = [first, 0, 0];
  for (;;) {
    attempts++;
    const last = afterFailure(current, TROUBLE, now, () => 0.5);
    if (last.kind === "drop" || last.failure !== undefined) return { attempts, at: now, last };
    expect(last.due).toBeGreaterThan(now);
    now = last.due;
    current = { ...current, attempts: last.attempts };
  }
}

test("by default an event has some 24 hours and 185 retries", () => {
  const { attempts, at, last } = life(delivery());
  expect(at / HOUR).toBeGreaterThan(23);
  expect(at / HOUR).toBeLessThanOrEqual(24);
  expect(attempts).toBeGreaterThan(170);
  expect(attempts).toBeLessThanOrEqual(186);
  expect(last).toMatchObject({ kind: "later", attempts: 0, failure: { code: "TIMEOUT", attempts: attempts - 1 } });
});

test("a target may set fewer of both", () => {
  expect(life(delivery({ MaximumRetryAttempts: 3 }))).toMatchObject({
    attempts: 4,
    last: { failure: { exhausted: "MaximumRetryAttempts", attempts: 3 } },
  });
  expect(life(delivery({ MaximumEventAgeInSeconds: 60 }))).toMatchObject({
    at: 60_000,
    last: { failure: { exhausted: "MaximumEventAgeInSeconds" } },
  });
});

test("what can never succeed is not tried again; without a dead-letter queue it is dropped", () => {
  const final = new DeliveryError("RESOURCE_NOT_FOUND", "gone", true);
  expect(afterFailure(delivery(), final, 5)).toEqual({
    kind: "later",
    attempts: 0,
    due: 5,
    failure: { code: "RESOURCE_NOT_FOUND", message: "gone", attempts: 0 },
  });
  expect(afterFailure(delivery(undefined, false), final, 5)).toEqual({ kind: "drop", attempts: 1 });
  expect(life(delivery({ MaximumRetryAttempts: 0 }, false)).last.kind).toBe("drop");
});

test("a dead-letter queue that is away is tried for a day more", () => {
  const failure = { code: "TIMEOUT", message: "too late", attempts: 1 };
  const buried = { ...delivery(), failure };
  expect(afterFailure(buried, TROUBLE, 30 * HOUR)).toMatchObject({ kind: "later", failure });
  expect(afterFailure(buried, TROUBLE, 48 * HOUR)).toMatchObject({ kind: "drop" });
  expect(afterFailure(buried, new DeliveryError("RESOURCE_NOT_FOUND", "gone", true), HOUR)).toMatchObject({ kind: "drop" });
});
