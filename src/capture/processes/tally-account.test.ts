import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { createGatewayMetrics } from "../gateway/gateway-metrics.ts";
import { CallTally } from "./call-tally.ts";
import { TallyAccount } from "./tally-account.ts";

test("what processes count adds up, those that died included", () => {
  const metrics = createGatewayMetrics(new Registry());
  const refused: string[] = [];
  const accounts = [1, 2].map(() => {
    const tally = new CallTally(() => {});
    const account = new TallyAccount(
      metrics,
      (code) => refused.push(code),
      () => {},
    );
    return { tally, account, tell: () => account.add(tally.take() ?? []) };
  });
  for (const { tally, tell } of accounts) {
    for (let call = 0; call < 5; call++) tally.arrived();
    tally.settled("recorded");
    tally.finished("sqs", "ok");
    tally.settled("refused", "overload");
    tally.finished("sqs", "refused");
    tally.unauthenticated("SignatureDoesNotMatch");
    tally.connectionClosed();
    tell();
    expect(tally.take()).toBeUndefined();
  }
  expect(metrics.counts()).toMatchObject({ arrived: 10, fates: { recorded: 2, refused: 2 }, refusals: { overload: 2 } });
  expect(refused.length).toBe(2);
  expect(accounts[0]?.account.closed).toBe(1);
  // Two more of its calls are on record, of which it could not tell.
  accounts[0]?.account.end(3);
  expect(metrics.counts()).toMatchObject({ arrived: 10, fates: { recorded: 4, refused: 2, "record-failed": 1 } });
  accounts[0]?.account.end(3);
  expect(metrics.counts().fates["record-failed"]).toBe(1);
});
