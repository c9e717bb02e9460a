import type { Call, Plan } from "./call.ts";
import type { CallKind } from "./call-kinds.ts";
import type { ServiceCall } from "./service-calls.ts";

/** The observer's memory: every call that was made. */
export class CallBook {
  readonly calls = new Map<string, Call>();
  /** Names of trails that were to be made, oldest first; those that are to be deleted are taken out. */
  readonly trails: string[] = [];
  /** What CloudTrail did at the backend on its own behalf. */
  readonly service: ServiceCall[] = [];
  readonly #prefix: string;
  #made = 0;

  /** @param prefix tells books apart; lower-case letters and digits, for marks are names of buckets too. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  note(kind: CallKind, plan: Plan, subject?: string): Call {
    this.#made += 1;
    const mark = `${this.#prefix}-${this.#made}x`;
    const call: Call = { mark, kind, plan, subject: subject ?? mark, sentAt: Date.now(), received: 0, answer: undefined };
    this.calls.set(mark, call);
    return call;
  }

  /** A copy for an experiment on a copy of the data. Its marks go on where these end. */
  copy(): CallBook {
    const copy = new CallBook(this.#prefix);
    for (const [mark, call] of this.calls) copy.calls.set(mark, { ...call });
    copy.service.push(...this.service);
    copy.#made = this.#made;
    return copy;
  }
}
