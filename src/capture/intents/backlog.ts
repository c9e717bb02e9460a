import type { Logger } from "../../base/logger.ts";
import type { Journal } from "../../journal/journal.ts";

/** Something that waits for the journal to be writable. */
export interface Owing {
  readonly pending: boolean;
  /** Writes what is pending; what could not be written stays pending. Rejects with the reason. */
  write(): Promise<void>;
}

/** Between two looks at a journal that could not be written, in milliseconds. */
const PATIENCE = 100;

/** Writes what could not be written when it arose, as soon as the journal takes it. */
export class Backlog {
  readonly #journal: Pick<Journal, "status">;
  readonly #logger: Logger;
  readonly #owing: Owing[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #closed = false;

  constructor(journal: Pick<Journal, "status">, logger: Logger) {
    this.#journal = journal;
    this.#logger = logger;
  }

  add(owing: Owing): void {
    this.#owing.push(owing);
  }

  /** To be called when something has become pending. */
  notify(): void {
    if (this.#closed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, PATIENCE).unref();
  }

  /** Writes now what can be written. Never rejects. */
  flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
    return this.#writing;
  }

  /** Tries a last time. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.flush();
  }

  async #write(): Promise<void> {
    for (const owing of this.#owing) {
      if (!owing.pending || !this.#journal.status().writable) continue;
      try {
        await owing.write();
      } catch (error) {
        this.#logger.warn({ err: error }, "what is owed to the record could not be written yet");
      }
    }
    if (this.#owing.some(({ pending }) => pending)) this.notify();
  }
}
