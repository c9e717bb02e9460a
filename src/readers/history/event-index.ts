import type { EventIndex, LookupResource } from "../../event/built-event.ts";

const CATEGORIES: ReadonlySet<unknown> = new Set(["Management", "Data", "NetworkActivity", "Insight"]);
const decoder = new TextDecoder();

/** 9999-12-31T23:59:59Z, the last moment that has a date of four digits. */
const LATEST = 253_402_300_799;

/** Reads the head of a journal entry. Undefined where it is not an EventIndex: the caller decides what that means. */
export function readEventIndex(head: Uint8Array): EventIndex | undefined {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(head));
  } catch {
    return undefined;
  }
  return isEventIndex(value) ? value : undefined;
}

function isEventIndex(value: unknown): value is EventIndex {
  if (typeof value !== "object" || value === null) return false;
  const index = value as Partial<Record<keyof EventIndex, unknown>>;
  return (
    typeof index.eventId === "string" &&
    typeof index.time === "number" &&
    index.time >= 0 &&
    index.time <= LATEST &&
    typeof index.account === "string" &&
    typeof index.region === "string" &&
    CATEGORIES.has(index.category) &&
    typeof index.source === "string" &&
    typeof index.name === "string" &&
    typeof index.readOnly === "boolean" &&
    isTextOrAbsent(index.accessKeyId) &&
    isTextOrAbsent(index.username) &&
    Array.isArray(index.resources) &&
    index.resources.every(isResource)
  );
}

function isResource(value: unknown): value is LookupResource {
  if (typeof value !== "object" || value === null) return false;
  const resource = value as Partial<Record<keyof LookupResource, unknown>>;
  return typeof resource.name === "string" && isTextOrAbsent(resource.type);
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}
