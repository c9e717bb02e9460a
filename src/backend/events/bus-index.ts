import type { BusPlace } from "./event-bus.ts";
import type { EventsStore } from "./events-store.ts";
import { compilePattern } from "./pattern/compile-pattern.ts";
import { eventFields, WantedFields } from "./pattern/event-fields.ts";
import type { EventPattern } from "./pattern/event-pattern.ts";
import { matchesEvent } from "./pattern/matches-event.ts";
import { PatternError } from "./pattern/pattern-error.ts";
import type { Rule } from "./rule.ts";
import type { Target } from "./target.ts";

/** Buses whose rules are kept compiled. */
const MOST = 64;

export interface ActiveRule {
  readonly rule: Rule;
  readonly targets: readonly Target[];
}

interface CompiledRule extends ActiveRule {
  readonly pattern: EventPattern;
}

interface BusIndex {
  readonly rules: readonly CompiledRule[];
  readonly wanted: WantedFields;
}

/** The rules of buses that are not disabled and have targets, ready to be asked. */
export class BusIndexes {
  readonly #store: EventsStore;
  readonly #indexes = new Map<string, BusIndex>();

  constructor(store: EventsStore) {
    this.#store = store;
  }

  /** The rules that the event matches, whatever their state says of it. */
  matching(bus: BusPlace, event: object): readonly ActiveRule[] {
    const { rules, wanted } = this.#at(bus);
    if (rules.length === 0) return [];
    const fields = eventFields(event, wanted);
    return rules.filter(({ pattern }) => matchesEvent(pattern, fields));
  }

  /** To be called after each change of the bus, its rules or their targets. */
  changed(bus: BusPlace): void {
    this.#indexes.delete(keyOf(bus));
  }

  #at(bus: BusPlace): BusIndex {
    const key = keyOf(bus);
    const known = this.#indexes.get(key);
    const index = known ?? this.#load(bus);
    // The one that was asked for longest ago is the first.
    this.#indexes.delete(key);
    this.#indexes.set(key, index);
    const [oldest] = this.#indexes.keys();
    if (this.#indexes.size > MOST && oldest !== undefined) this.#indexes.delete(oldest);
    return index;
  }

  #load(bus: BusPlace): BusIndex {
    const rules = this.#store.rules.list(bus).flatMap((rule): CompiledRule[] => {
      if (rule.state === "DISABLED") return [];
      const targets = this.#store.targets.list(bus, rule.name);
      const pattern = targets.length === 0 ? undefined : compiled(rule.pattern);
      return pattern === undefined ? [] : [{ rule, targets, pattern }];
    });
    return { rules, wanted: new WantedFields(rules.map(({ pattern }) => pattern)) };
  }
}

/** Patterns were checked when they came. One that a later version no longer takes matches nothing. */
function compiled(pattern: string): EventPattern | undefined {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}

function keyOf({ accountId, region, bus }: BusPlace): string {
  return `${accountId}/${region}/${bus}`;
}
