import { invalidParameter } from "./invalid-parameter.ts";
import type { LogsStore } from "./logs-store.ts";
import type { StoredGroup, Tags } from "./stored.ts";

const MOST_TAGS = 50;

export function addTags(store: LogsStore, group: StoredGroup, added: Tags): void {
  const tags = { ...group.tags, ...added };
  if (Object.keys(tags).length > MOST_TAGS) throw invalidParameter(`A log group can have at most ${MOST_TAGS} tags.`);
  store.groups.setTags(group.id, tags);
}

/** Keys that the group does not have are passed over. */
export function removeTags(store: LogsStore, group: StoredGroup, keys: readonly string[]): void {
  const removed = new Set(keys);
  store.groups.setTags(group.id, Object.fromEntries(Object.entries(group.tags).filter(([key]) => !removed.has(key))));
}
