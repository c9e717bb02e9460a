import type { EventIndex } from "../../event/built-event.ts";
import { familyOf, type LogGroup } from "./log-family.ts";
import { LogWindow } from "./log-window.ts";

/** The log files that are being gathered for a trail: one for each family, account and Region. */
export class LogWindows {
  readonly #windows = new Map<string, LogWindow>();
  #largest = 0;
  #octets = 0;

  /** Octets of the largest one, and of all. */
  get largest(): number {
    return this.#largest;
  }

  get octets(): number {
    return this.#octets;
  }

  get count(): number {
    return this.#windows.size;
  }

  get events(): number {
    let events = 0;
    for (const window of this.#windows.values()) events += window.events;
    return events;
  }

  /** In the order of their first events. */
  all(): readonly LogWindow[] {
    return [...this.#windows.values()];
  }

  get(group: LogGroup): LogWindow | undefined {
    return this.#windows.get(nameOf(group.family, group.account, group.region));
  }

  add(index: EventIndex, record: Uint8Array): void {
    const family = familyOf(index.category);
    const name = nameOf(family, index.account, index.region);
    let window = this.#windows.get(name);
    if (window === undefined) {
      window = new LogWindow({ family, account: index.account, region: index.region });
      this.#windows.set(name, window);
    }
    const before = window.size;
    window.add(record, index.time);
    this.#octets += window.size - before;
    this.#largest = Math.max(this.#largest, window.size);
  }
}

function nameOf(family: string, account: string, region: string): string {
  return `${family} ${account} ${region}`;
}
