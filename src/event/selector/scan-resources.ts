import type { EventView } from "./event-view.ts";
import { resourcesOf } from "./view-of-record.ts";

/** What stands before the array, and what stands behind it: `memberOrder` in event/record.ts. */
const BEFORE = Buffer.from(',"resources":[');
const BEHIND = Buffer.from(',"eventType":"');
const END_OF_ARRAY = 0x5d;

/**
 * The `resources` of an encoded record without parsing the rest, which is most of it. Undefined where they are not found at once.
 * Quotes within texts are escaped, so what is searched for is a member; behind `resources`, none but texts are the callers', so the last
 * one is the record's own.
 */
export function scanResources(record: Uint8Array): EventView["resources"] | undefined {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const end = bytes.lastIndexOf(BEHIND);
  if (end < 1 || bytes[end - 1] !== END_OF_ARRAY) return undefined;
  const start = bytes.lastIndexOf(BEFORE, end);
  if (start < 0) return undefined;
  try {
    const resources: unknown = JSON.parse(bytes.toString("utf8", start + BEFORE.length - 1, end));
    return Array.isArray(resources) ? resourcesOf(resources) : undefined;
  } catch {
    return undefined;
  }
}
