import type { Logger } from "../../base/logger.ts";
import type { LogsStore } from "./logs-store.ts";

/** Milliseconds from one look for events to be removed to the next, and from one sweep to the next while there are any. */
const PAUSE = 60_000;
const BREATH = 20;

/** Removes what has been deleted or has expired, a little at a time, while other calls are served. */
export class Sweeper {
  readonly #stores: () => readonly LogsStore[];
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(stores: () => readonly LogsStore[], logger: Logger) {
    this.#stores = stores;
    this.#logger = logger;
  }

  /** There is, or may be, something to be removed. */
  wake(): void {
    this.#schedule(BREATH);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.#sweep(), delay);
    this.#timer.unref();
  }

  #sweep(): void {
    let more = false;
    try {
      for (const store of this.#stores()) more = store.sweep() || more;
    } catch (error) {
      more = false;
      this.#logger.error({ err: error }, "log events that are deleted or expired could not be removed; this is tried again");
    }
    this.#schedule(more ? BREATH : PAUSE);
  }
}
