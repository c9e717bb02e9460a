import { AwsError } from "../../aws/aws-error.ts";
import { afterPrefix, commonPrefix } from "./key-range.ts";

/** Entries on a page, unless fewer are asked for. */
const MAX_ENTRIES = 1000;

/** What every listing of S3 may be asked. */
export interface ListingQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly most: number;
  readonly encodingType: string | undefined;
  /** How names stand in the answer. */
  readonly encode: (text: string) => string;
}

export interface Listing<Item> {
  readonly items: readonly Item[];
  readonly prefixes: readonly string[];
  /** What the page ends with, where there are more. */
  readonly end: { readonly name: string; readonly item: Item | undefined } | undefined;
}

/** `mostName` is the parameter that bounds the page: `max-keys`, `max-uploads`. Throws `InvalidArgument`. */
export function readListingQuery(query: URLSearchParams, mostName: string): ListingQuery {
  const most = query.get(mostName) || String(MAX_ENTRIES);
  if (!/^\d{1,10}$/.test(most) || Number(most) > 2_147_483_647) {
    throw new AwsError("InvalidArgument", `Provided ${mostName} not an integer or within integer range`, 400);
  }
  const encodingType = query.get("encoding-type") || undefined;
  if (encodingType !== undefined && encodingType !== "url") {
    throw new AwsError("InvalidArgument", "Invalid Encoding Method specified in Request", 400);
  }
  return {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    most: Math.min(Number(most), MAX_ENTRIES),
    encodingType,
    encode: encodingType === undefined ? (text) => text : encodeName,
  };
}

/** As S3 encodes names in listings: a form's encoding, slashes left alone. */
function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed())
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%2F", "/")
    .replaceAll("%20", "+");
}

/**
 * One page. `scan` gives what there is from the page's beginning on, in the order of names, without what is before `from`;
 * it is called again for each common prefix, to leap over what is below.
 */
export function listPage<Item extends { readonly key: string }>(
  { prefix, delimiter, most }: Pick<ListingQuery, "prefix" | "delimiter" | "most">,
  scan: (from: string) => Iterable<Item>,
): Listing<Item> {
  const items: Item[] = [];
  const prefixes: string[] = [];
  let end: Listing<Item>["end"];
  let from: string | undefined = most === 0 ? undefined : prefix;
  while (from !== undefined) {
    let next: string | undefined;
    for (const item of scan(from)) {
      if (!item.key.startsWith(prefix)) break;
      if (items.length + prefixes.length === most) return { items, prefixes, end };
      const common = commonPrefix(item.key, prefix, delimiter);
      if (common === undefined) {
        items.push(item);
        end = { name: item.key, item };
      } else {
        prefixes.push(common);
        end = { name: common, item: undefined };
        next = afterPrefix(common);
        break;
      }
    }
    from = next;
  }
  return { items, prefixes, end: undefined };
}

/** Where a page begins whose predecessor ended with `name`: behind all that a common prefix of that name stands for. */
export function leapOver(name: string, { prefix, delimiter }: Pick<ListingQuery, "prefix" | "delimiter">): string {
  return commonPrefix(name, prefix, delimiter) === name ? (afterPrefix(name) ?? name) : "";
}
