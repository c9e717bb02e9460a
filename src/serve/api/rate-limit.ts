import type { Clock } from "../../base/clock.ts";

/** Names that are kept at most. Those longest unused are forgotten, which grants them a fresh start. */
const NAMES = 10_000;

/** So many calls a second for each name, and no more than those at once (a token bucket). */
export class RateLimit {
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Whether one more call is allowed now; it is counted if so. */
  allows(name: string): boolean {
    const now = this.#clock.now();
    const bucket = this.#buckets.get(name) ?? { tokens: this.#perSecond, at: now };
    this.#buckets.delete(name);
    // A clock that was set back gives nothing and takes nothing.
    const earned = (Math.max(0, now - bucket.at) / 1000) * this.#perSecond;
    const tokens = Math.min(this.#perSecond, bucket.tokens + earned);
    const allowed = tokens >= 1;
    this.#buckets.set(name, { tokens: allowed ? tokens - 1 : tokens, at: now });
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= NAMES) break;
      this.#buckets.delete(oldest);
    }
    return allowed;
  }
}
