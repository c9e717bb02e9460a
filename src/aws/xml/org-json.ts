import { bareObject } from "../bare-object.ts";
import type { Json, JsonObject } from "../tree.ts";
import type { XmlElement } from "./parse-xml.ts";

export interface OrgJsonOptions {
  /** Read `true`, `false` and whole numbers as such. True unless told otherwise. */
  readonly coerce?: boolean;
}

/** Whole numbers that read back to the same text: no sign but minus, no leading zero, exact as a double. */
const WHOLE_NUMBER = /^(?:0|-?[1-9][0-9]{0,15})$/;

/**
 * What stands inside `element`, in the form that the XML class of org.json gives it, which CloudTrail shows for S3
 * configuration bodies and for the younger EC2 operations: attributes first (`xmlns` before all others), then child
 * elements, one as itself, several of one name as an array; text alone as a scalar; text beside attributes or children as
 * `content`; nothing at all as "". The caller puts it under the element's name.
 *
 * Depth and size are those of the parsed document, which `parseXml` has bounded.
 */
export function xmlToOrgJson(element: XmlElement, options: OrgJsonOptions = {}): Json {
  const { coerce = true } = options;
  const scalar = (text: string): Json => (coerce ? coerceText(text) : text);
  const text = element.children.length > 0 ? element.text.trim() : element.text;
  if (element.attributes.size === 0 && element.children.length === 0) return scalar(text);

  const members = new Map<string, Json[]>();
  const xmlns = element.attributes.get("xmlns");
  if (xmlns !== undefined) members.set("xmlns", [xmlns]);
  for (const [name, value] of element.attributes) {
    if (name !== "xmlns") members.set(name, [scalar(value)]);
  }
  for (const child of element.children) append(members, child.name, xmlToOrgJson(child, options));
  if (text !== "") append(members, "content", scalar(text));
  return orgJsonObject(members);
}

/** Members by name, each with all its values: one stays itself, several become an array. */
export function orgJsonObject(members: ReadonlyMap<string, readonly Json[]>): JsonObject {
  const object = bareObject<Json>();
  for (const [name, values] of members) {
    const [first = ""] = values;
    object[name] = values.length > 1 ? values : first;
  }
  return object;
}

/** The value that org.json sees in a text. */
export function coerceText(text: string): Json {
  if (text === "true") return true;
  if (text === "false") return false;
  if (WHOLE_NUMBER.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  return text;
}

function append(members: Map<string, Json[]>, name: string, value: Json): void {
  const values = members.get(name);
  if (values === undefined) members.set(name, [value]);
  else values.push(value);
}
