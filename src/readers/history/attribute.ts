import type { EventIndex } from "../../event/built-event.ts";

/** The keys by which events are found, in the spelling of LookupEvents. */
export const ATTRIBUTE_KEYS = [
  "EventId",
  "EventName",
  "ReadOnly",
  "Username",
  "ResourceType",
  "ResourceName",
  "EventSource",
  "AccessKeyId",
] as const;

export type AttributeKey = (typeof ATTRIBUTE_KEYS)[number];

/** The values of one attribute of an event: none, one, or one a resource. */
export function attributeValues(index: EventIndex, key: AttributeKey): readonly string[] {
  switch (key) {
    case "EventId":
      return [index.eventId];
    case "EventName":
      return [index.name];
    case "ReadOnly":
      return [index.readOnly ? "true" : "false"];
    case "EventSource":
      return [index.source];
    case "Username":
      return index.username === undefined ? [] : [index.username];
    case "AccessKeyId":
      return index.accessKeyId === undefined ? [] : [index.accessKeyId];
    case "ResourceType":
      return index.resources.flatMap((resource) => (resource.type === undefined ? [] : [resource.type]));
    case "ResourceName":
      return index.resources.map((resource) => resource.name);
  }
}
