/** How long a day must have looked expired before it goes, and the time between two days that go. */
const HOUR = 3_600_000;

/**
 * Decides which day goes for good. The wall clock says what has expired, and it may be wrong, also when the program starts. So a
 * day goes only when every look at it for an hour found it expired, by a clock that nobody sets: a wrong moment costs nothing, a
 * clock that stays ahead takes one day an hour, the oldest first, which is more than time makes.
 */
export class Expiry {
  /** Of each day that looked expired each time: when it first did, in milliseconds of the clock that nobody sets. */
  readonly #since = new Map<number, number>();
  #gone = -Infinity;

  /**
   * To be called often: what is not looked at is not seen to be right again. Answers the day to remove, if any.
   *
   * @param days Those there are; `oldest`: the first of them that is still to be shown.
   * @param elapsed Milliseconds since some moment of this process; they go on whatever becomes of the wall clock.
   */
  look(days: readonly number[], oldest: number, elapsed: number): number | undefined {
    const expired = new Set(days.filter((day) => day < oldest));
    for (const day of this.#since.keys()) if (!expired.has(day)) this.#since.delete(day);
    for (const day of expired) if (!this.#since.has(day)) this.#since.set(day, elapsed);
    if (elapsed - this.#gone < HOUR) return undefined;
    const due = [...expired].filter((day) => elapsed - (this.#since.get(day) ?? elapsed) >= HOUR);
    if (due.length === 0) return undefined;
    this.#gone = elapsed;
    return Math.min(...due);
  }
}
