import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { createGatewayMetrics } from "./gateway-metrics.ts";

test("a call has arrived once, also while its answer waits for a slow client", async () => {
  const registry = new Registry();
  const metrics = createGatewayMetrics(registry);
  metrics.arrived();
  metrics.arrived();
  metrics.settled("recorded");
  expect(metrics.counts()).toMatchObject({ arrived: 2, fates: { recorded: 1, refused: 0 } });
  const text = await registry.metrics();
  expect(text).toMatch(/^opentrail_gateway_arrived_total 2$/m);
  expect(text).toMatch(/^opentrail_gateway_recorded_total 1$/m);
  expect(text).toMatch(/^opentrail_gateway_open_calls 2$/m);
  metrics.finished("s3", "ok");
  expect(await registry.metrics()).toMatch(/^opentrail_gateway_calls_total\{service="s3",outcome="ok"\} 1$/m);
});

test("reasons are there before anything happened, and what is read twice is counted once", async () => {
  const registry = new Registry();
  const metrics = createGatewayMetrics(registry);
  metrics.settled("record-failed");
  await registry.metrics();
  const text = await registry.metrics();
  expect(text).toMatch(/^opentrail_gateway_unrecorded_total\{reason="record-failed"\} 1$/m);
  expect(text).toMatch(/^opentrail_gateway_unrecorded_total\{reason="not-selected"\} 0$/m);
});
