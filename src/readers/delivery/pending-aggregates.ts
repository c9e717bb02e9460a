import type { EventIndex } from "../../event/built-event.ts";
import type { LogGroup } from "./log-family.ts";

interface PendingGroup {
  readonly group: LogGroup;
  newest: number;
}

/** Of which accounts and Regions data events wait to be aggregated. They are counted when their file is made. */
export class PendingAggregates {
  readonly #groups = new Map<string, PendingGroup>();
  #events = 0;

  get events(): number {
    return this.#events;
  }

  groups(): readonly PendingGroup[] {
    return [...this.#groups.values()];
  }

  add({ account, region, time: exact }: EventIndex): void {
    const time = Math.floor(exact);
    this.#events++;
    const name = `${account} ${region}`;
    const known = this.#groups.get(name);
    if (known !== undefined) known.newest = Math.max(known.newest, time);
    else this.#groups.set(name, { group: { family: "CloudTrail-Aggregated", account, region }, newest: time });
  }

  clear(): void {
    this.#groups.clear();
    this.#events = 0;
  }
}
