import type { Call, Plan } from "./call.ts";
import type { CallBook } from "./call-book.ts";
import { type CallKind, createTrail, deleteTrail, ordinaryKinds } from "./call-kinds.ts";
import { Client } from "./client.ts";
import type { Random } from "./random.ts";

const PLANS: readonly Plan[] = [
  ...Array<Plan>(12).fill("plain"),
  ...Array<Plan>(4).fill("slow"),
  ...Array<Plan>(3).fill("fails"),
  "forged",
  "long",
  "breaks",
  "stops",
];

export interface LoadOptions {
  readonly book: CallBook;
  readonly random: Random;
  /** Where OpenTrail is at the moment; undefined while nobody knows. */
  readonly url: () => string | undefined;
  readonly clients: number;
  readonly kinds?: readonly CallKind[];
  /** Clients leave now and then without waiting for the answer; default: they do. */
  readonly leaving?: boolean;
}

/** Clients that call without a pause, each over its own connection. */
export class Load {
  readonly #options: LoadOptions;
  readonly #clients: Client[] = [];
  readonly #running: Promise<void>[] = [];
  #stopping = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    for (let at = 0; at < options.clients; at++) {
      const client = new Client();
      this.#clients.push(client);
      this.#running.push(this.#run(client, options.random.fork()));
    }
  }

  /** Calls that got neither an answer nor an end. */
  get hung(): readonly Call[] {
    return this.#clients.flatMap(({ hung }) => hung);
  }

  /** Lets each client finish the call in hand. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#running);
    for (const client of this.#clients) client.close();
  }

  async #run(client: Client, random: Random): Promise<void> {
    const { url, leaving = true } = this.#options;
    while (!this.#stopping) {
      const to = url();
      if (to === undefined) {
        await pause(2);
        continue;
      }
      const call = this.#next(random);
      const before = Date.now();
      const leaveAfter = leaving && random.chance(0.04) ? random.whole(1, 40) : undefined;
      await client.call(to, call, leaveAfter, random.chance(0.1) ? random.whole(1, 50) : 0);
      if (call.answer === undefined && Date.now() - before < 5) await pause(3);
    }
  }

  #next(random: Random): Call {
    const { book, kinds = ordinaryKinds } = this.#options;
    const kind = random.pick(kinds);
    const plan = random.pick(PLANS);
    // Trails are few: one goes for each that comes, and now and then one that never was.
    const subject = kind === deleteTrail ? book.trails.shift() : undefined;
    const call = book.note(kind, kind.own ? "plain" : plan, subject);
    if (kind === createTrail) book.trails.push(call.mark);
    return call;
  }
}

const pause = (milliseconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, milliseconds));
