import type { ApiCall } from "../../event/api-call.ts";
import type { Identities } from "./identities.ts";
import { KnownIdentities, type KnownIdentitiesOptions } from "./known-identities.ts";
import { type LearnedEntry, LearnedIdentities } from "./learned-identities.ts";
import { lessonOf } from "./lessons/lessons.ts";

export interface IdentityReplicaOptions extends KnownIdentitiesOptions {
  /** Hands a call to the one who learns; resolves when what it taught is known everywhere, here too. */
  readonly teach: (call: ApiCall) => Promise<void>;
}

/** What another process has learned. Looked up here, learned there. */
export class IdentityReplica extends KnownIdentities implements Identities {
  readonly #learned: LearnedIdentities;
  readonly #teach: (call: ApiCall) => Promise<void>;

  constructor(options: IdentityReplicaOptions) {
    // The other one decides what is let go.
    const learned = new LearnedIdentities(Infinity);
    super(options, learned);
    this.#learned = learned;
    this.#teach = options.teach;
  }

  learn(call: ApiCall): void | Promise<void> {
    const status = call.response?.status ?? 0;
    if (lessonOf(call) === undefined || call.error !== undefined || status < 200 || status > 299) return;
    return this.#teach(call);
  }

  /** What the one who learns has told. */
  take(entries: readonly LearnedEntry[]): void {
    for (const entry of entries) this.#learned.take(entry);
  }

  async close(): Promise<void> {}
}
