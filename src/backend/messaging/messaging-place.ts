import { join } from "node:path";
import type { Place } from "../places.ts";
import { mendPersistence } from "./mend-persistence.ts";
import { type Fauxqs, type FauxqsError, isFauxqsError, type PersistenceManager, type SnsStore, type SqsStore } from "./fauxqs.ts";

/** Queues, topics and subscriptions of one account in one region, kept in a directory of their own. */
export class MessagingPlace {
  readonly place: Place;
  readonly #fauxqs: Fauxqs;
  readonly #sqs: SqsStore;
  readonly #sns: SnsStore;
  readonly #persistence: PersistenceManager;

  constructor(fauxqs: Fauxqs, directory: string, place: Place) {
    this.place = place;
    this.#fauxqs = fauxqs;
    this.#persistence = new fauxqs.PersistenceManager(join(directory, place.accountId, place.region));
    mendPersistence(this.#persistence);
    this.#sqs = new fauxqs.SqsStore();
    this.#sns = new fauxqs.SnsStore();
    // Loading first: a queue that is made while there is persistence is written again, and its messages go.
    this.#persistence.loadSqsAndSns(this.#sqs, this.#sns);
    for (const part of [this.#sqs, this.#sns]) {
      part.region = place.region;
      part.persistence = this.#persistence;
    }
    for (const queue of this.#sqs.allQueues()) queue.persistence = this.#persistence;
  }

  /** Throws `FauxqsError`. Undefined for operations that are not on the list. */
  async sqs(operation: string, body: object): Promise<unknown> {
    return await this.#fauxqs.sqs.get(operation)?.(body, this.#sqs, { headers: {} });
  }

  /** Throws `FauxqsError`. Undefined for operations that are not on the list. */
  async sns(operation: string, form: Readonly<Record<string, string>>): Promise<unknown> {
    return await this.#fauxqs.sns.get(operation)?.(form, this.#sns, this.#sqs, { headers: {} });
  }

  /** SendMessage for each of the bodies, durable together. Answers what each that was refused was refused with. */
  sendTogether(bodies: readonly object[]): readonly (FauxqsError | undefined)[] {
    const send = this.#fauxqs.sqs.get("SendMessage");
    const { db } = this.#persistence;
    db.exec("BEGIN IMMEDIATE");
    try {
      const refusals = bodies.map((body) => {
        try {
          send?.(body, this.#sqs, { headers: {} });
          return undefined;
        } catch (error) {
          if (isFauxqsError(error)) return error;
          throw error;
        }
      });
      db.exec("COMMIT");
      return refusals;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Ends every long poll. */
  close(): void {
    this.#sqs.shutdown();
    this.#persistence.close();
  }
}
