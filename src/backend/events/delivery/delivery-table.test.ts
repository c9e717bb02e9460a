import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { prepareSchema } from "../schema.ts";
import { DeliveryTable } from "./delivery-table.ts";

const place = { accountId: "123456789012", region: "us-east-1" };
const to = (Id: string) => ({ place, ruleName: "r", ruleArn: "arn:r", target: { Id, Arn: "arn:t" } });

function table(): { readonly deliveries: DeliveryTable; readonly events: () => number } {
  const database = new DatabaseSync(":memory:");
  prepareSchema(database);
  return {
    deliveries: new DeliveryTable(database),
    events: () => Number(database.prepare("SELECT count(*) AS count FROM event").get()?.["count"]),
  };
}

test("an event is kept once, for as long as somebody waits for it", () => {
  const { deliveries, events } = table();
  expect(deliveries.add("{}", 10, [to("a"), to("b")])).toEqual(["arn:r a", "arn:r b"]);
  deliveries.add("{}", 10, []);
  expect(events()).toBe(1);
  const [first] = deliveries.due("arn:r a", 10, 9);
  expect(first).toMatchObject({ event: "{}", receivedAt: 10, attempts: 0, place, target: { Id: "a" } });
  deliveries.remove(first?.number ?? 0);
  expect(events()).toBe(1);
  deliveries.remove(deliveries.due("arn:r b", 10, 9)[0]?.number ?? 0);
  expect(events()).toBe(0);
  expect(deliveries.lanes()).toEqual([]);
  expect(deliveries.untilDue("arn:r a", 10)).toBeUndefined();
});

test("what is due comes in its order, a megabyte at a time", () => {
  const { deliveries } = table();
  for (const n of [1, 2, 3, 4]) deliveries.add(`${n}${"x".repeat(400_000)}`, n, [to("a")]);
  const heads = (now: number, most = 9) => deliveries.due("arn:r a", now, most).map(({ event }) => event.charAt(0));
  expect(heads(2)).toEqual(["1", "2"]);
  expect(heads(9)).toEqual(["1", "2", "3"]);
  expect(heads(9, 1)).toEqual(["1"]);
});

test("a retry waits, but not for a clock that was set back", () => {
  const { deliveries } = table();
  const [now, failure] = [1_000_000_000, { code: "TIMEOUT", message: "late", attempts: 1 }];
  deliveries.add("{}", now, [to("a")]);
  deliveries.retry(deliveries.due("arn:r a", now, 1)[0]?.number ?? 0, 2, now + 5000, failure);
  expect(deliveries.due("arn:r a", now, 1)).toEqual([]);
  expect(deliveries.untilDue("arn:r a", now)).toBe(5000);
  expect(deliveries.due("arn:r a", now + 5000, 1)).toMatchObject([{ attempts: 2, failure }]);
  expect(deliveries.untilDue("arn:r a", now - 86_400_000)).toBe(0);
  expect(deliveries.due("arn:r a", now - 86_400_000, 1)).toHaveLength(1);
});
