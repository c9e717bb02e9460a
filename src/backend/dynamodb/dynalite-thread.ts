import { Worker } from "node:worker_threads";
import { AwsError } from "../../aws/aws-error.ts";
import type { Logger } from "../../base/logger.ts";
import type { Place } from "../places.ts";
import type { DynaliteAnswer, DynaliteReply, DynaliteRequest } from "./dynalite-messages.ts";

/** Longest that a call may take. DynamoDB itself answers in milliseconds. */
const CALL_TIMEOUT_MILLISECONDS = 60_000;
/** A call that takes longer is reason to ask whether the thread still listens. */
const SUSPICIOUS_MILLISECONDS = 2_000;
/** A thread that does not answer for so long will not: parsing `((((((((((id = :a` takes dynalite longer than anybody waits. */
const STUCK_MILLISECONDS = 5_000;
const CLOSE_TIMEOUT_MILLISECONDS = 5_000;

interface Waiting {
  readonly resolve: (answer: DynaliteAnswer) => void;
  readonly reject: (error: AwsError) => void;
  readonly timers: readonly NodeJS.Timeout[];
}

/** The thread that runs dynalite: started by the first call, and by the next one where it has ended. */
export class DynaliteThread {
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #stuck: NodeJS.Timeout | undefined;
  #onClosed: (() => void) | undefined;
  #calls = 0;

  constructor(directory: string, logger: Logger) {
    this.#directory = directory;
    this.#logger = logger;
  }

  /** Throws `InternalServerError` where the thread ends or does not answer. */
  async call(place: Place, operation: string, body: string): Promise<DynaliteAnswer> {
    const { accountId, region } = place;
    this.#calls += 1;
    const id = this.#calls;
    return await new Promise((resolve, reject) => {
      const timers = [
        setTimeout(() => this.#end(id, (waiting) => waiting.reject(failure())), CALL_TIMEOUT_MILLISECONDS),
        setTimeout(() => this.#ping(), SUSPICIOUS_MILLISECONDS),
      ];
      this.#waiting.set(id, { resolve, reject, timers });
      this.#post({ kind: "call", id, place: { accountId, region }, operation, body });
    });
  }

  /** Waits until everything is on the disk. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_TIMEOUT_MILLISECONDS);
      this.#onClosed = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#post({ kind: "close" });
    });
    this.#worker = undefined;
    await worker.terminate();
  }

  /** Ends a thread that hears nothing any more. Its calls fail, which they would do anyway. */
  #ping(): void {
    const worker = this.#worker;
    if (worker === undefined || this.#stuck !== undefined) return;
    this.#stuck = setTimeout(() => {
      this.#logger.error({}, "the DynamoDB of the embedded account was stuck and is started again by the next call");
      void worker.terminate();
    }, STUCK_MILLISECONDS);
    this.#post({ kind: "ping" });
  }

  #unstick(): void {
    clearTimeout(this.#stuck);
    this.#stuck = undefined;
  }

  #post(request: DynaliteRequest): void {
    this.#worker ??= this.#start();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins, windows do
    this.#worker.postMessage(request);
  }

  #start(): Worker {
    // The worker is a file of its own: source and build have different extensions.
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
    const worker = new Worker(new URL(`./dynalite-worker${extension}`, import.meta.url), {
      workerData: { directory: this.#directory },
      name: "dynalite",
    });
    worker.on("message", (reply: DynaliteReply) => this.#take(reply));
    worker.on("error", (error) =>
      this.#logger.error({ err: error }, "the DynamoDB of the embedded account failed; the next call starts it again"),
    );
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#unstick();
      for (const id of this.#waiting.keys()) this.#end(id, (waiting) => waiting.reject(failure()));
      this.#onClosed?.();
    });
    return worker;
  }

  #take(reply: DynaliteReply): void {
    switch (reply.kind) {
      case "answer":
        this.#end(reply.id, (waiting) => waiting.resolve(reply));
        return;
      case "fault":
        this.#logger.error({ stack: reply.message }, "a DynamoDB call failed");
        return;
      case "pong":
        this.#unstick();
        return;
      case "closed":
        this.#onClosed?.();
    }
  }

  #end(id: number, settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    for (const timer of waiting.timers) clearTimeout(timer);
    settle(waiting);
  }
}

function failure(): AwsError {
  return new AwsError("InternalServerError", "The request processing has failed because of an unknown error.", 500);
}
