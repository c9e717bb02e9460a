import type { Clock } from "../../../base/clock.ts";
import type { Timers } from "../../../base/timers.ts";

/** Further apart than this from one look to the next, somebody has set the clock. */
const EVEN_SECONDS = 5;

/** Tells for how long a clock that people set has gone like one that nobody sets. */
export class SteadyClock {
  readonly begun: number;
  readonly #clock: Clock;
  readonly #timers: Timers;
  #offset: number;
  #evenSince: number;

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
    this.begun = this.now();
    this.#evenSince = this.begun;
    this.#offset = clock.now() / 1000 - this.begun;
  }

  /** Seconds by the clock that nobody sets. */
  now(): number {
    return this.#timers.elapsed() / 1000;
  }

  look(): void {
    const now = this.now();
    const offset = this.#clock.now() / 1000 - now;
    if (Math.abs(offset - this.#offset) > EVEN_SECONDS) {
      this.#evenSince = now;
      this.#offset = offset;
    }
  }

  /** Seconds. */
  evenFor(): number {
    return this.now() - this.#evenSince;
  }
}
