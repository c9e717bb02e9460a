import { expect, test } from "vitest";
import { runFuzz } from "./fuzz/run-fuzz.ts";
import { LONG } from "./support/aws-request.ts";

/**
 * The long form begins elsewhere each day, so that days add up. A finding names its script, and `npm run fuzz -- --seed SEED
 * --only NUMBER` plays that again.
 */
const seed = LONG ? Math.floor(Date.now() / 86_400_000) : 1;

test.each([
  ["an upstream", "upstream", LONG ? 1_000_000 : 20_000],
  ["the embedded account", "embedded", LONG ? 100_000 : 4000],
  ["an upstream, signatures checked", "verify", LONG ? 100_000 : 4000],
] as const)(
  "whatever comes, before %s: no crash, no hang, no leak, one record or one counted refusal each",
  async (_name, backend, requests) => {
    const report = await runFuzz({ requests, seed, backend, connections: 64, solo: requests / 20 });
    process.stdout.write(`seed ${seed}, ${backend}: ${JSON.stringify(report)}\n`);
    expect(report.findings).toEqual([]);
    expect(report.requests).toBeGreaterThanOrEqual(requests);
    expect(report.counts.recorded).toBeGreaterThan(requests / 2);
    expect(report.refusals).toBeGreaterThan(requests / 100);
    expect(report.megabytes.after).toBeLessThan(900);
  },
);
