import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../base/clock.ts";

const FIVE_MINUTES = 300_000;
/** In the order in which S3 sorts them. */
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const TICKET_DIGITS = 10;
const RANDOM_DIGITS = 6;
/** 9999-12-31: a clock beyond has no date of four digits. */
const LAST_STAMP = 253_402_300_500_000;

/**
 * The parts of keys that make them sort upward in the order of delivery, whatever the clock does: a five-minute mark, and a
 * unique part that grows. The last digits are random: should the state be restored from a backup, no key is used twice.
 */
export class KeySequence {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  #stamp: number;
  #ticket: number;

  constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    const row = database.prepare("SELECT stamp, ticket FROM key_sequence").get();
    this.#stamp = Number(row?.["stamp"]);
    this.#ticket = Number(row?.["ticket"]);
  }

  /** To be called within the transaction that stores what it gives. */
  take(count: number): readonly { readonly stamp: number; readonly unique: string }[] {
    const now = this.#clock.now();
    this.#stamp = Math.min(Math.max(this.#stamp, Math.ceil(now / FIVE_MINUTES) * FIVE_MINUTES), LAST_STAMP);
    const parts = Array.from({ length: count }, () => {
      this.#ticket = Math.max(this.#ticket + 1, Math.floor(now) * 1000);
      return { stamp: this.#stamp, unique: digits(this.#ticket, TICKET_DIGITS) + randomDigits() };
    });
    this.#database.prepare("UPDATE key_sequence SET stamp = ?, ticket = ?").run(this.#stamp, this.#ticket);
    return parts;
  }
}

function digits(value: number, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest = Math.floor(rest / DIGITS.length))
    text = DIGITS.charAt(rest % DIGITS.length) + text;
  return text;
}

function randomDigits(): string {
  return [...randomBytes(RANDOM_DIGITS)].map((octet) => DIGITS.charAt(octet % DIGITS.length)).join("");
}
