import type { HistoryEvent } from "../history/history.ts";

/** What a subscriber is told. */
export type TailItem =
  | { readonly kind: "event"; readonly event: HistoryEvent }
  /** So many matching events came here that the subscriber was too slow for; history has them. */
  | { readonly kind: "skipped"; readonly count: number };

/** What may wait for one subscriber. */
export interface QueueLimits {
  readonly events: number;
  /** Octets of records. One that is larger alone may still wait. */
  readonly octets: number;
}

/**
 * The queue of one subscriber, read by `for await`. When it is full, events are counted instead of kept, and the count
 * stands in the queue where they would have stood.
 */
export class Subscription implements AsyncIterableIterator<TailItem, undefined> {
  readonly #limits: QueueLimits;
  readonly #ended: () => void;
  readonly #queue: TailItem[] = [];
  readonly #waiting: ((result: IteratorResult<TailItem, undefined>) => void)[] = [];
  #octets = 0;
  #skipped = 0;
  #open = true;

  /** `ended` is called once, when the subscriber leaves or is sent away. */
  constructor(limits: QueueLimits, ended: () => void) {
    this.#limits = limits;
    this.#ended = ended;
  }

  offer(event: HistoryEvent): void {
    if (!this.#open) return;
    const reader = this.#waiting.shift();
    if (reader !== undefined) {
      reader({ done: false, value: { kind: "event", event } });
      return;
    }
    const size = event.record.length;
    const full =
      this.#queue.length >= this.#limits.events || (this.#queue.length > 0 && this.#octets + size > this.#limits.octets);
    if (full) {
      this.#skipped += 1;
      return;
    }
    this.#reportSkipped();
    this.#queue.push({ kind: "event", event });
    this.#octets += size;
  }

  next(): Promise<IteratorResult<TailItem, undefined>> {
    if (this.#queue.length === 0) this.#reportSkipped();
    const item = this.#queue.shift();
    if (item !== undefined) {
      if (item.kind === "event") this.#octets -= item.event.record.length;
      return Promise.resolve({ done: false, value: item });
    }
    if (!this.#open) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Ends the iteration at once; what waits is let go. */
  return(): Promise<IteratorResult<TailItem, undefined>> {
    if (this.#open) {
      this.#open = false;
      this.#queue.length = 0;
      this.#skipped = 0;
      for (const reader of this.#waiting.splice(0)) reader({ done: true, value: undefined });
      this.#ended();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #reportSkipped(): void {
    if (this.#skipped === 0) return;
    this.#queue.push({ kind: "skipped", count: this.#skipped });
    this.#skipped = 0;
  }
}
