import { JournalUnavailable, type Position } from "../../journal.ts";

interface Follower {
  readonly after: Position;
  readonly resolve: () => void;
  readonly reject: (error: JournalUnavailable) => void;
}

/** Those who wait for entries that are not there yet. */
export class Followers {
  readonly #waiting = new Set<Follower>();

  /** Resolves at the next `wake` past `after`, or when `signal` aborts; rejects when the journal closes first. */
  wait(after: Position, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(follower);
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const follower: Follower = {
        after,
        resolve: leave,
        reject: (error) => {
          signal.removeEventListener("abort", leave);
          reject(error);
        },
      };
      this.#waiting.add(follower);
      signal.addEventListener("abort", leave);
    });
  }

  wake(last: Position): void {
    for (const follower of this.#waiting) if (follower.after < last) follower.resolve();
  }

  close(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const follower of waiting) follower.reject(new JournalUnavailable("the journal is closed"));
  }
}
