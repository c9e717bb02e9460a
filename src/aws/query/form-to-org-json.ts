import { DecodeBudget } from "../codec/decode-budget.ts";
import type { Json } from "../tree.ts";
import { coerceText, orgJsonObject } from "../xml/org-json.ts";
import { type FormNode, type FormPair, formElements, formTree } from "./form-tree.ts";

/** Parameters that say who asks for which action, not what is asked for: signatures of versions 2 and 4, and routing. */
const ENVELOPE = new Set([
  "Action",
  "Version",
  "AWSAccessKeyId",
  "Expires",
  "SecurityToken",
  "Signature",
  "SignatureMethod",
  "SignatureVersion",
  "Timestamp",
]);

/**
 * The parameters of a query request in the form that CloudTrail shows for the younger EC2 operations: names as on the
 * wire, element N of a list as an object with `tag: N` beside its members (beside `content` where it is a scalar), a
 * list of one as that object, nothing at all as "". Texts are coerced as org.json does. Throws `DecodeError` on parameters
 * beyond the budget.
 */
export function formToOrgJson(pairs: readonly FormPair[], budget: DecodeBudget = new DecodeBudget()): Json {
  const parameters = pairs.filter(([name]) => !ENVELOPE.has(name) && !/^x-amz-/i.test(name));
  return nodeToJson(formTree(parameters, budget), undefined);
}

function nodeToJson(node: FormNode, tag: number | undefined): Json {
  const elements = formElements(node);
  const isList = elements.length > 0 && elements.length === node.children.size;
  if (isList && tag === undefined && node.value === undefined) {
    const items = elements.map(([index, element]) => nodeToJson(element, index));
    return items.length === 1 ? (items[0] ?? "") : items;
  }

  const content = node.value === undefined || node.value === "" ? [] : [coerceText(node.value)];
  if (node.children.size === 0 && tag === undefined) return content[0] ?? "";
  const members = new Map<string, Json[]>();
  if (tag !== undefined) members.set("tag", [tag]);
  for (const [name, child] of node.children) members.set(name, [...(members.get(name) ?? []), nodeToJson(child, undefined)]);
  if (content.length > 0) members.set("content", [...(members.get("content") ?? []), ...content]);
  return orgJsonObject(members);
}
