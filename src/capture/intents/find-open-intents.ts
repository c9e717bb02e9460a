import type { Journal, Position } from "../../journal/journal.ts";
import { eventIdOf } from "../event-entry.ts";

const BATCH = 5_000;

/**
 * The intents after `from` that nothing has settled, event id → position, oldest first. An intent that was appended again
 * counts where it stands last. Memory goes with the calls that were under way, not with the entries.
 */
export async function findOpenIntents(
  journal: Pick<Journal, "read" | "status">,
  from: Position,
): Promise<ReadonlyMap<string, Position>> {
  const open = new Map<string, Position>();
  let after = Math.max(from, journal.status().first - 1);
  for (;;) {
    const entries = await journal.read(after, BATCH);
    for (const { kind, head, position } of entries) {
      if (kind !== "intent" && open.size === 0) continue;
      const id = eventIdOf(head);
      if (id === undefined) continue;
      open.delete(id);
      if (kind === "intent") open.set(id, position);
    }
    const last = entries.at(-1);
    if (last === undefined) return open;
    after = last.position;
  }
}
