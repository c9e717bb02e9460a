import { createHash } from "node:crypto";
import type { AggregationTemplate } from "../../account/trails/trail.ts";
import { isoSeconds } from "../../base/clock.ts";
import type { EventIndex } from "../../event/built-event.ts";
import { viewOfEntry } from "../../event/selector/view-of-entry.ts";
import type { LogGroup } from "./log-family.ts";
import { LogWindow } from "./log-window.ts";

type Dimension = "eventName" | "resourceARN" | "userIdentity";

interface Aggregation {
  readonly primary: Dimension;
  readonly details: readonly Dimension[];
}

/** What each template counts. Source: CloudTrail User Guide, "Aggregating data events"; the details' choice is unconfirmed. */
const TEMPLATES: Readonly<Record<AggregationTemplate, Aggregation>> = {
  API_ACTIVITY: { primary: "eventName", details: ["userIdentity", "resourceARN"] },
  RESOURCE_ACCESS: { primary: "resourceARN", details: ["userIdentity", "eventName"] },
  USER_ACTIONS: { primary: "userIdentity", details: ["eventName", "resourceARN"] },
};

/** Seconds, `PT5M`. */
const WINDOW = 300;
/** Values of a detail that are shown, the most frequent ones. */
const MOST_STATISTICS = 100;

interface Tally {
  readonly template: AggregationTemplate;
  readonly source: string;
  /** Epoch seconds. */
  readonly start: number;
  readonly value: string;
  count: number;
  oldest: number;
  newest: number;
  readonly details: ReadonlyMap<Dimension, Map<string, number>>;
}

/**
 * Data events of one account and Region, counted in windows of five minutes of their own time: one record for each window,
 * template, event source and value of the template's first dimension.
 */
export class AggregatedEvents {
  readonly #group: LogGroup;
  readonly #templates: readonly AggregationTemplate[];
  readonly #tallies = new Map<string, Tally>();

  constructor(group: LogGroup, templates: readonly AggregationTemplate[]) {
    this.#group = group;
    this.#templates = templates;
  }

  add(index: EventIndex, record: Uint8Array): void {
    const view = viewOfEntry(index, record);
    const resources = view.resources.flatMap(({ arn }) => (arn === undefined ? [] : [arn]));
    const values: Readonly<Record<Dimension, readonly string[]>> = {
      eventName: [index.name],
      resourceARN: [...new Set(resources)],
      userIdentity: [view.userArn ?? index.username ?? "unknown"],
    };
    const start = Math.floor(index.time / WINDOW) * WINDOW;
    for (const template of this.#templates) {
      const { primary, details } = TEMPLATES[template];
      for (const value of values[primary]) {
        const tally = this.#tally(template, index.source, start, value);
        tally.count++;
        tally.oldest = Math.min(tally.oldest, index.time);
        tally.newest = Math.max(tally.newest, index.time);
        for (const dimension of details) {
          const counts = tally.details.get(dimension);
          for (const name of values[dimension]) counts?.set(name, (counts.get(name) ?? 0) + 1);
        }
      }
    }
  }

  /** `seed`: the same for the same events, so that the records' ids are. Undefined where nothing was counted. */
  window(seed: string): LogWindow | undefined {
    if (this.#tallies.size === 0) return undefined;
    const window = new LogWindow(this.#group);
    for (const tally of this.#tallies.values()) {
      const record = Buffer.from(JSON.stringify(this.#record(tally, seed)));
      window.add(record, tally.oldest);
      window.extend(tally.newest);
    }
    return window;
  }

  #tally(template: AggregationTemplate, source: string, start: number, value: string): Tally {
    const name = JSON.stringify([template, source, start, value]);
    let tally = this.#tallies.get(name);
    if (tally === undefined) {
      const details = new Map(TEMPLATES[template].details.map((dimension) => [dimension, new Map<string, number>()]));
      tally = { template, source, start, value, count: 0, oldest: Infinity, newest: 0, details };
      this.#tallies.set(name, tally);
    }
    return tally;
  }

  #record({ template, source, start, value, count, details }: Tally, seed: string): object {
    return {
      eventVersion: "1.0",
      accountId: this.#group.account,
      eventId: derivedId(JSON.stringify([seed, template, source, start, value])),
      eventCategory: "Aggregated",
      eventType: "AwsAggregatedEvent",
      awsRegion: this.#group.region,
      eventSource: source,
      timeWindow: {
        windowStart: isoSeconds(start * 1000),
        windowEnd: isoSeconds((start + WINDOW) * 1000),
        windowSize: "PT5M",
      },
      summary: {
        primaryDimension: {
          dimension: TEMPLATES[template].primary,
          statistics: [{ name: value, value: count }],
          aggregationType: "Count",
        },
        details: [...details].map(([dimension, counts]) => ({
          dimension,
          statistics: [...counts]
            .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
            .slice(0, MOST_STATISTICS)
            .map(([name, times]) => ({ name, value: times })),
          aggregationType: "Count",
        })),
      },
    };
  }
}

/** A UUID of version 8 (RFC 9562): made of a hash. */
function derivedId(text: string): string {
  const octets = createHash("sha256").update(text).digest().subarray(0, 16);
  octets.writeUInt8((octets.readUInt8(6) & 0x0f) | 0x80, 6);
  octets.writeUInt8((octets.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = octets.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
