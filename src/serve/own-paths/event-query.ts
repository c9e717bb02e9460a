import type { EventIndex } from "../../event/built-event.ts";
import type { AttributeKey } from "../../readers/history/attribute.ts";
import type { LookupAttribute, SearchQuery } from "../../readers/history/history.ts";
import { BadQuery } from "./own-path.ts";

/** The conditions that `/_opentrail/events` and `/_opentrail/tail` share. All must hold. */
export type EventConditions = Pick<SearchQuery, "accounts" | "regions" | "categories" | "attributes" | "text">;

const ATTRIBUTES: ReadonlyMap<string, AttributeKey> = new Map([
  ["eventId", "EventId"],
  ["eventName", "EventName"],
  ["eventSource", "EventSource"],
  ["username", "Username"],
  ["accessKeyId", "AccessKeyId"],
  ["resourceName", "ResourceName"],
  ["resourceType", "ResourceType"],
  ["readOnly", "ReadOnly"],
]);

const CATEGORIES: ReadonlyMap<string, EventIndex["category"]> = new Map([
  ["management", "Management"],
  ["data", "Data"],
  ["networkActivity", "NetworkActivity"],
  ["insight", "Insight"],
]);

const MAX_VALUE_LENGTH = 2000;

/** Reads the conditions; `further` names the parameters that the path takes besides. Throws `BadQuery`. */
export function eventConditions(query: URLSearchParams, further: readonly string[]): EventConditions {
  const attributes: LookupAttribute[] = [];
  for (const [name, value] of query) {
    if (value.length > MAX_VALUE_LENGTH && name !== "nextToken")
      throw new BadQuery(`${name} is longer than ${MAX_VALUE_LENGTH} characters`);
    const key = ATTRIBUTES.get(name);
    if (key === "ReadOnly" && value !== "true" && value !== "false") throw new BadQuery(`${name} must be true or false`);
    if (key !== undefined) attributes.push({ key, value });
    else if (!["account", "region", "category", "text", ...further].includes(name)) {
      throw new BadQuery(
        `There is no parameter "${name}"; there are ${[...ATTRIBUTES.keys(), "account", "region", "category", "text", ...further].join(", ")}`,
      );
    }
  }
  const text = query.get("text");
  const accounts = several(query, "account");
  const regions = several(query, "region");
  return {
    ...(accounts === undefined ? {} : { accounts }),
    ...(regions === undefined ? {} : { regions }),
    ...categoriesOf(query),
    ...(attributes.length === 0 ? {} : { attributes }),
    ...(text === null || text === "" ? {} : { text }),
  };
}

function several(query: URLSearchParams, parameter: string): readonly string[] | undefined {
  const values = query
    .getAll(parameter)
    .flatMap((value) => value.split(","))
    .filter((value) => value !== "");
  return values.length === 0 ? undefined : values;
}

function categoriesOf(query: URLSearchParams): Pick<EventConditions, "categories"> {
  const names = several(query, "category");
  if (names === undefined) return {};
  const categories = names.map((name) => {
    const category = CATEGORIES.get(name);
    if (category === undefined)
      throw new BadQuery(`There is no category "${name}"; there are ${[...CATEGORIES.keys()].join(", ")}`);
    return category;
  });
  return { categories };
}

/** A whole number between two bounds. Throws `BadQuery`. */
export function numberParameter(query: URLSearchParams, name: string, least: number, most: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || value < least || value > most)
    throw new BadQuery(`${name} must be a whole number from ${least} to ${most}`);
  return value;
}
