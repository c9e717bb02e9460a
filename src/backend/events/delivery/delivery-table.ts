import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Place } from "../../places.ts";
import type { Target } from "../target.ts";

/** One event on its way to one target of one rule, as rule and target were when it came. */
export interface Delivery {
  readonly number: number;
  /** The event with its envelope. */
  readonly event: string;
  /** When the event came, epoch milliseconds. */
  readonly receivedAt: number;
  readonly place: Place;
  readonly ruleName: string;
  readonly ruleArn: string;
  readonly target: Target;
  /** Attempts that have failed. */
  readonly attempts: number;
  /** Set where it is the dead-letter queue's turn. */
  readonly failure?: Failure;
}

/** Why a target did not get its event, as the dead-letter queue is told. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly exhausted?: "MaximumRetryAttempts" | "MaximumEventAgeInSeconds";
  readonly attempts: number;
}

export type NewDelivery = Pick<Delivery, "place" | "ruleName" | "ruleArn" | "target">;

/** Octets of events that are held at once for one lane, but for the last one. */
const MOST_BYTES = 1024 * 1024;
/** Nothing waits as long: what is due so late, in milliseconds, was queued before somebody set the clock back. */
const FAR = 1_200_000;
const DUE = `
SELECT delivery.*, event.text AS text, event.received AS received FROM delivery JOIN event ON event.number = delivery.event
WHERE lane = ?1 AND (due <= ?2 OR due > ?2 + ${FAR}) ORDER BY due, delivery.number`;
const ADD = `
INSERT INTO delivery (lane, event, account, region, rule_name, rule_arn, target, attempts, due) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)`;

/**
 * What is still to be delivered. Each event is kept once, for as long as a delivery names it. A lane has the deliveries of one
 * target: they wait for each other and for nobody else.
 */
export class DeliveryTable {
  readonly #addEvent: StatementSync;
  readonly #add: StatementSync;
  readonly #due: StatementSync;
  readonly #nextDue: StatementSync;
  readonly #lanes: StatementSync;
  readonly #remove: StatementSync;
  readonly #removeEvent: StatementSync;
  readonly #retry: StatementSync;

  constructor(database: DatabaseSync) {
    this.#addEvent = database.prepare("INSERT INTO event (text, received) VALUES (?, ?)");
    this.#add = database.prepare(ADD);
    this.#due = database.prepare(DUE);
    this.#nextDue = database.prepare("SELECT min(due) AS due FROM delivery WHERE lane = ?");
    this.#lanes = database.prepare("SELECT DISTINCT lane FROM delivery");
    this.#remove = database.prepare("DELETE FROM delivery WHERE number = ? RETURNING event");
    this.#removeEvent = database.prepare(
      "DELETE FROM event WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM delivery WHERE event = ?1)",
    );
    this.#retry = database.prepare("UPDATE delivery SET attempts = ?, due = ?, failure = ? WHERE number = ?");
  }

  /** Answers the lanes that have work now. */
  add(event: string, receivedAt: number, deliveries: readonly NewDelivery[]): readonly string[] {
    if (deliveries.length === 0) return [];
    const { lastInsertRowid } = this.#addEvent.run(event, receivedAt);
    return deliveries.map(({ place, ruleName, ruleArn, target }) => {
      const lane = `${ruleArn} ${target.Id}`;
      const { accountId, region } = place;
      this.#add.run(lane, lastInsertRowid, accountId, region, ruleName, ruleArn, JSON.stringify(target), receivedAt);
      return lane;
    });
  }

  lanes(): readonly string[] {
    return this.#lanes.all().map(({ lane }) => String(lane));
  }

  /** The oldest that are due, `most` of them or a megabyte. */
  due(lane: string, now: number, most: number): readonly Delivery[] {
    const found: Delivery[] = [];
    let bytes = 0;
    for (const row of this.#due.iterate(lane, now)) {
      const delivery = deliveryOf(row);
      found.push(delivery);
      bytes += delivery.event.length;
      if (found.length >= most || bytes >= MOST_BYTES) break;
    }
    return found;
  }

  /** In how many milliseconds the lane has work again, 0 where it has some now; undefined where it is empty. */
  untilDue(lane: string, now: number): number | undefined {
    const due = this.#nextDue.get(lane)?.["due"];
    if (due === null || due === undefined) return undefined;
    const wait = Number(due) - now;
    return wait > FAR ? 0 : Math.max(0, wait);
  }

  remove(number: number): void {
    const event = this.#remove.get(number)?.["event"];
    if (event !== undefined && event !== null) this.#removeEvent.run(event);
  }

  retry(number: number, attempts: number, due: number, failure: Failure | undefined): void {
    this.#retry.run(attempts, due, failure === undefined ? null : JSON.stringify(failure), number);
  }
}

function deliveryOf(row: Record<string, SQLOutputValue>): Delivery {
  const { failure } = row;
  return {
    number: Number(row["number"]),
    event: String(row["text"]),
    receivedAt: Number(row["received"]),
    place: { accountId: String(row["account"]), region: String(row["region"]) },
    ruleName: String(row["rule_name"]),
    ruleArn: String(row["rule_arn"]),
    target: JSON.parse(String(row["target"])) as Target,
    attempts: Number(row["attempts"]),
    ...(failure === null ? {} : { failure: JSON.parse(String(failure)) as Failure }),
  };
}
