import type { Logger } from "../../base/logger.ts";
import type { Position, StoredEntry } from "../../journal/journal.ts";
import { readEventIndex } from "../history/event-index.ts";
import { matches, searchFilter, type Filter } from "../history/filter.ts";
import type { SearchQuery } from "../history/history.ts";
import type { Reader } from "../reader.ts";
import { Subscription, type QueueLimits, type TailItem } from "./subscription.ts";

/**
 * Events as they happen, in journal order, for whoever is watching. It starts where the journal ends, keeps nothing, and
 * never waits for a subscriber: its position is the end of the batch, so it does not hold back the trimming of the journal.
 */
export interface Tail extends Reader {
  readonly name: "tail";
  /** Subscribers at the moment. */
  readonly subscribers: number;
  /**
   * Every later event that meets the conditions, data events included. Leaving the loop, or aborting the signal, ends the
   * subscription. Throws `TailFull`. Whoever asks must have been allowed to see every account that the conditions name.
   */
  subscribe(conditions: TailConditions, signal?: AbortSignal): AsyncIterableIterator<TailItem, undefined>;
}

/** As for `History.search`; all must hold. */
export type TailConditions = Pick<SearchQuery, "accounts" | "regions" | "categories" | "attributes" | "text">;

/** As many subscribers as there may be are there already. */
export class TailFull extends Error {
  override name = "TailFull";
}

export interface TailOptions {
  /** The journal's last position. */
  readonly position: Position;
  readonly logger: Logger;
  /** Default 1,000 events and 4 MiB for each subscriber. */
  readonly queue?: QueueLimits;
  /** Default 100. */
  readonly mostSubscribers?: number;
}

export function createTail(options: TailOptions): Tail {
  return new LiveTail(options);
}

class LiveTail implements Tail {
  readonly name = "tail";
  readonly #logger: Logger;
  readonly #queue: QueueLimits;
  readonly #most: number;
  readonly #subscribers = new Map<Subscription, Filter>();
  #position: Position;

  constructor({ position, logger, queue, mostSubscribers }: TailOptions) {
    this.#position = position;
    this.#logger = logger;
    this.#queue = queue ?? { events: 1000, octets: 4 * 1024 * 1024 };
    this.#most = mostSubscribers ?? 100;
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  position(): Position {
    return this.#position;
  }

  read(batch: readonly StoredEntry[]): void {
    for (const { kind, position, head, body } of this.#subscribers.size === 0 ? [] : batch) {
      if (kind !== "event" || position <= this.#position) continue;
      const index = readEventIndex(head);
      if (index === undefined) {
        this.#logger.warn({ position }, "tail: the journal entry has no readable index; it is left out");
        continue;
      }
      // A copy is made for those who keep it only: entries may be parts of much larger buffers.
      let record: Uint8Array | undefined;
      for (const [subscription, filter] of this.#subscribers) {
        if (!matches(filter, index, body)) continue;
        record ??= body.slice();
        subscription.offer({ index, record, position });
      }
    }
    this.#position = Math.max(this.#position, batch.at(-1)?.position ?? 0);
  }

  subscribe(conditions: TailConditions, signal?: AbortSignal): AsyncIterableIterator<TailItem, undefined> {
    if (this.#subscribers.size >= this.#most) throw new TailFull(`there are ${this.#most} subscribers already`);
    const leave = (): void => void subscription.return();
    const subscription = new Subscription(this.#queue, () => {
      signal?.removeEventListener("abort", leave);
      this.#subscribers.delete(subscription);
    });
    this.#subscribers.set(subscription, searchFilter({ ...conditions, limit: 1 }));
    if (signal?.aborted === true) leave();
    else signal?.addEventListener("abort", leave);
    return subscription;
  }

  async close(): Promise<void> {
    for (const subscription of this.#subscribers.keys()) await subscription.return();
  }
}
