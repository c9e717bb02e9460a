import { randomUUID } from "node:crypto";
import type { EventIndex } from "../../src/event/built-event.ts";
import { ATTRIBUTE_KEYS, attributeValues, type AttributeKey } from "../../src/readers/history/attribute.ts";
import type { LookupQuery, Page } from "../../src/readers/history/history.ts";
import { SELDOM } from "../history-events.ts";

/** Pages for each attribute, kind of value, and place. */
const PAGES = 200;

type Ask = (query: LookupQuery) => Promise<Pick<Page, "events" | "nextToken">>;
type Value = () => string | undefined;

/** Milliseconds. */
interface Cost {
  readonly passed: number;
  readonly cpu: number;
}

/** Epoch seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Times pages of 50: for values as often as they occur, thinly spread, hardly there, and absent; the newest page, one up to
 * a random time, and one deep in, by its token. Besides the time that passes, the CPU time of all threads: that depends less on
 * what else the machine does.
 */
export async function measurePages(who: string, ask: Ask, sample: readonly EventIndex[], span: Span): Promise<void> {
  console.log(
    `\n${who}: pages of 50, in ms\n${"".padEnd(32)}      p50     p99   worst | CPU p50     p99   worst | events a page`,
  );
  for (const key of [undefined, ...ATTRIBUTE_KEYS]) {
    const all: Cost[] = [];
    for (const [kind, value] of valuesOf(key, sample)) {
      for (const [place, from] of Object.entries(PLACES)) {
        const { times, found } = await timed(ask, key, value, from, span);
        all.push(...times);
        row(`  ${key ?? "(all)"} ${kind}, ${place}`, times, found);
      }
    }
    row(`${key ?? "(all)"}`, all);
  }
}

const PLACES = { newest: () => ({}), "random time": randomEnd, "by token": () => ({}) } as const;

function randomEnd({ from, to }: Span): { to: number } {
  return { to: Math.floor(from + Math.random() * (to - from)) };
}

function valuesOf(key: AttributeKey | undefined, sample: readonly EventIndex[]): readonly (readonly [string, Value])[] {
  if (key === undefined) return [["", () => ""]];
  const common = (): string | undefined => {
    const index = sample[Math.floor(Math.random() * sample.length)];
    return index === undefined ? undefined : attributeValues(index, key)[0];
  };
  const absent = (): string => (key === "EventId" ? randomUUID() : `absent-${Math.floor(Math.random() * 1e9)}`);
  const seldom = { AccessKeyId: "key", Username: "user", ResourceName: "resource", EventName: "name" } as const;
  if (key in seldom) {
    const member = seldom[key as keyof typeof seldom];
    return [
      ["usual", common],
      ["thin", () => SELDOM.thin[member]],
      ["rare", () => SELDOM.rare[member]],
      ["absent", absent],
    ];
  }
  return [
    ["usual", common],
    ["absent", absent],
  ];
}

async function timed(
  ask: Ask,
  key: AttributeKey | undefined,
  next: Value,
  place: (span: Span) => object,
  span: Span,
): Promise<{ times: readonly Cost[]; found: number }> {
  const times: Cost[] = [];
  let found = 0;
  for (let at = 0; at < PAGES; at++) {
    const value = next();
    if (value === undefined) continue;
    let query: LookupQuery = {
      account: "123456789012",
      region: "us-east-1",
      category: "management",
      limit: 50,
      ...(key !== undefined && { attribute: { key, value } }),
      ...place(span),
    };
    if (place === PLACES["by token"]) {
      for (let deep = Math.floor(Math.random() * 5) + 1; deep > 0; deep--) {
        const { nextToken } = await ask(query);
        if (nextToken === undefined) break;
        query = { ...query, token: nextToken };
      }
    }
    const before = process.cpuUsage();
    const began = performance.now();
    found += (await ask(query)).events.length;
    const passed = performance.now() - began;
    const { user, system } = process.cpuUsage(before);
    times.push({ passed, cpu: (user + system) / 1000 });
  }
  return { times, found: found / Math.max(1, times.length) };
}

function row(title: string, costs: readonly Cost[], found?: number): void {
  const events = found === undefined ? "" : found.toFixed(1).padStart(14);
  const [passed, cpu] = [costs.map((cost) => cost.passed), costs.map((cost) => cost.cpu)];
  console.log(`${title.padEnd(36)}${spread(passed)}${spread(cpu)}${events}`);
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return [0.5, 0.99, 1]
    .map((share) => (sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0).toFixed(2).padStart(8))
    .join("")
    .padEnd(26);
}
