/** What has been opened, to be closed in the opposite order. */
export class Opened {
  readonly #closing: (() => Promise<void>)[] = [];

  add(thing: { close(): Promise<void> }): void {
    this.#closing.push(() => thing.close());
  }

  /** Closes everything, also behind something that fails to: what stands below must still be made durable. Then throws. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#closing.pop(); step !== undefined; step = this.#closing.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures, "could not be closed");
  }
}
