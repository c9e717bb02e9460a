import type { EventIndex } from "../../event/built-event.ts";
import { attributeValues, type AttributeKey } from "./attribute.ts";
import type { LookupAttribute, LookupQuery, SearchQuery } from "./history.ts";
import type { Scope } from "./term.ts";

/** A query in the form in which it is carried out. */
export interface Filter {
  /** The scopes to look in; undefined: all that `includes`. */
  readonly scope: Scope | undefined;
  includes(scope: Scope): boolean;
  readonly exact: readonly LookupAttribute[];
  readonly prefixes: readonly LookupAttribute[];
  readonly text: Uint8Array | undefined;
  /** Everything that must stay the same from page to page. */
  readonly canonical: string;
}

export function lookupFilter(query: LookupQuery): Filter {
  const { account, region, attribute } = query;
  const scope: Scope = { account, region, category: query.category === "insight" ? "Insight" : "Management" };
  return {
    scope,
    includes: (other) => other.account === account && other.region === region && other.category === scope.category,
    exact: attribute === undefined ? [] : [attribute],
    prefixes: [],
    text: undefined,
    canonical: JSON.stringify(["lookup", scope, attribute?.key, attribute?.value, query.from, query.to]),
  };
}

export function searchFilter(query: SearchQuery): Filter {
  const { accounts, regions, categories, attributes = [], text } = query;
  const [exact, prefixes]: [LookupAttribute[], LookupAttribute[]] = [[], []];
  for (const { key, value } of attributes) {
    if (value.endsWith("\\*")) exact.push({ key, value: `${value.slice(0, -2)}*` });
    else if (value.endsWith("*")) prefixes.push({ key, value: value.slice(0, -1) });
    else exact.push({ key, value });
  }
  return {
    scope: undefined,
    includes: (scope) =>
      (accounts?.includes(scope.account) ?? true) &&
      (regions?.includes(scope.region) ?? true) &&
      (categories?.includes(scope.category) ?? true),
    exact,
    prefixes,
    text: text === undefined || text === "" ? undefined : Buffer.from(text),
    canonical: JSON.stringify(["search", accounts, regions, categories, exact, prefixes, text, query.from, query.to]),
  };
}

/** Whether the event is one that the query asks for. Postings only say that it may be: this decides. */
export function matches(filter: Filter, index: EventIndex, record: Uint8Array): boolean {
  return (
    filter.includes(index) &&
    filter.exact.every(({ key, value }) => has(index, key, (other) => other === value)) &&
    filter.prefixes.every(({ key, value }) => has(index, key, (other) => other.startsWith(value))) &&
    (filter.text === undefined || bytesOf(record).includes(filter.text))
  );
}

function has(index: EventIndex, key: AttributeKey, is: (value: string) => boolean): boolean {
  return attributeValues(index, key).some(is);
}

function bytesOf(record: Uint8Array): Buffer {
  return Buffer.from(record.buffer, record.byteOffset, record.byteLength);
}
