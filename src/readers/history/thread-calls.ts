import type { Worker } from "node:worker_threads";
import type { Clock } from "../../base/clock.ts";
import type { HistoryLog } from "./create-history.ts";
import { HistoryCorrupt, HistoryUnavailable, InvalidPageToken } from "./history.ts";
import type { ThreadReply, ThreadRequest, ThreadWork } from "./thread-messages.ts";

type Answer = Exclude<ThreadReply, { kind: "failed" | "log" }>;

export interface ThreadCallsOptions {
  readonly clock: Clock;
  readonly elapsed: () => number;
  readonly logger: HistoryLog;
  /** Called once when the thread has ended, whatever the reason, after its calls have failed. */
  readonly ended: (calls: ThreadCalls) => void;
}

/** Errors that whoever asks tells apart; an `Error` itself loses its class on the way between threads. */
const KINDS = [HistoryCorrupt, HistoryUnavailable, InvalidPageToken, RangeError];

/** Requests to one worker, and what it answers. */
export class ThreadCalls {
  readonly #worker: Worker;
  readonly #options: ThreadCallsOptions;
  readonly #waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  #count = 0;
  #terminated = false;
  #ended: { readonly cause: unknown } | undefined;

  constructor(worker: Worker, options: ThreadCallsOptions) {
    this.#worker = worker;
    this.#options = options;
    let cause: unknown;
    worker.on("message", (reply: ThreadReply) => this.#take(reply));
    worker.on("error", (error) => {
      cause = error;
    });
    worker.on("exit", () => this.#onExit(cause));
  }

  /** Rejects with the thread's error, with `HistoryUnavailable` where it ends before it answers. */
  async call(work: ThreadWork, transfer: ArrayBuffer[] = []): Promise<Answer> {
    if (this.#ended !== undefined) throw gone(this.#ended.cause);
    this.#count += 1;
    const id = this.#count;
    const request: ThreadRequest = { ...work, id, now: this.#options.clock.now(), elapsed: this.#options.elapsed() };
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage(request, transfer);
    });
  }

  async terminate(): Promise<void> {
    this.#terminated = true;
    await this.#worker.terminate();
  }

  #take(reply: ThreadReply): void {
    if (reply.kind === "log") {
      this.#options.logger.error(reply.fields, reply.text);
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.kind === "failed") waiting?.reject(restored(reply.name, reply.error));
    else waiting?.resolve(reply);
  }

  #onExit(cause: unknown): void {
    this.#ended = { cause };
    const error = gone(cause);
    if (!this.#terminated) this.#options.logger.error({ err: cause ?? error }, "event history: the thread has ended");
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#options.ended(this);
  }
}

function gone(cause: unknown): HistoryUnavailable {
  return new HistoryUnavailable("the event history's thread has ended", { cause });
}

function restored(name: string, error: Error): Error {
  const Kind = KINDS.find((kind) => kind.name === name);
  return Kind === undefined ? error : new Kind(error.message, { cause: error });
}
