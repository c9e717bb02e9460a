import type { ChangePlace, TrailKey, TrailRevision, TrailStore } from "../account/trails/trail-store.ts";
import type { Trail } from "../account/trails/trail.ts";

/**
 * A trail store whose changes have resolved only when they are in force wherever calls are captured: a caller whose
 * PutEventSelectors or StartLogging was answered finds its next call recorded.
 */
export class SelectingTrails implements TrailStore {
  readonly #store: TrailStore;
  readonly #enforce: (trails: readonly Trail[]) => Promise<void>;
  /** In turn, so that what is in force last is what was stored last. */
  #enforced: Promise<void> = Promise.resolve();

  /** `enforce` resolves when calls are captured by what these trails select. */
  constructor(store: TrailStore, enforce: (trails: readonly Trail[]) => Promise<void>) {
    this.#store = store;
    this.#enforce = enforce;
  }

  /** What is stored is in force when it resolves. */
  enforce(): Promise<void> {
    const next = this.#enforced.then(async () => await this.#enforce(await this.#store.all()));
    this.#enforced = next.catch(() => {});
    return next;
  }

  list(accountId: string): Promise<readonly Trail[]> {
    return this.#store.list(accountId);
  }

  all(): Promise<readonly Trail[]> {
    return this.#store.all();
  }

  get(key: TrailKey): Promise<Trail | undefined> {
    return this.#store.get(key);
  }

  async add(trail: Trail, place: ChangePlace, permit: (existing: readonly Trail[]) => void): Promise<void> {
    await this.#store.add(trail, place, permit);
    await this.enforce();
  }

  async update(
    key: TrailKey,
    place: ChangePlace,
    change: (trail: Trail, others: readonly Trail[]) => Trail,
  ): Promise<Trail | undefined> {
    const changed = await this.#store.update(key, place, change);
    await this.enforce();
    return changed;
  }

  async remove(key: TrailKey, place: ChangePlace): Promise<boolean> {
    const removed = await this.#store.remove(key, place);
    await this.enforce();
    return removed;
  }

  revisions(): readonly TrailRevision[] {
    return this.#store.revisions();
  }

  forget(id: string, position: number): Promise<void> {
    return this.#store.forget(id, position);
  }

  onChange(listener: () => void): () => void {
    return this.#store.onChange(listener);
  }

  async close(): Promise<void> {
    await this.#enforced;
    await this.#store.close();
  }
}
