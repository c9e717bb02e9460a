import { lookupMembers } from "../../aws/catalogue/facts/lookup-members.ts";
import { isReadOnlyCall } from "../../aws/catalogue/facts/read-only.ts";
import { hidden } from "../../aws/catalogue/facts/redactions.ts";
import type { Tree } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import type { LookupResource } from "../built-event.ts";
import type { ShownParameters } from "../service-rules.ts";
import { listAt, valueAt } from "./read-tree.ts";

/** Entries and their sum of characters: they stand beside the record in every index. */
const MAXIMUM_ENTRIES = 50;
const MAXIMUM_CHARACTERS = 16_384;

/** A failed call of these has left nothing behind that its parameters could name. */
const CREATION = /^(?:Create|Run|Allocate|Import|Copy|Restore)(?![a-z])/;

/** What `Resources` of LookupEvents shows of the parameters: nothing of reads, nor of a creation that failed. */
export function lookupResources(call: ApiCall, shown: ShownParameters): readonly LookupResource[] {
  const { serviceId, operationName } = call;
  if (call.error !== undefined && CREATION.test(operationName)) return [];
  // Assuming a role counts as a read, but makes a session.
  const read = serviceId !== "sts" && isReadOnlyCall(call);
  return read ? [] : namedResources(serviceId, shown);
}

function namedResources(serviceId: string, shown: ShownParameters): readonly LookupResource[] {
  const { requestParameters, responseElements } = shown;
  const found = new Map<string, LookupResource>();
  let characters = 0;
  for (const { type, in: side, path } of lookupMembers(serviceId)) {
    const names: string[] = [];
    if (side !== "response" && requestParameters !== null) addTextsAt(names, requestParameters, path, 0);
    if (side !== "request" && responseElements !== null) addTextsAt(names, responseElements, path, 0);
    for (const name of names) {
      const identity = `${type} ${name}`;
      if (name === hidden || found.has(identity)) continue;
      characters += identity.length;
      if (found.size >= MAXIMUM_ENTRIES || characters > MAXIMUM_CHARACTERS) return [...found.values()];
      found.set(identity, { type, name });
    }
  }
  return [...found.values()];
}

/** Adds the texts that stand below `tree` at the path from step `at` on. */
function addTextsAt(texts: string[], tree: Tree | undefined, path: readonly string[], at: number): void {
  const name = path[at];
  if (tree === undefined) return;
  if (name === undefined) {
    if (typeof tree === "string" && tree !== "") texts.push(tree);
  } else if (name.endsWith("[]")) {
    const elements = listAt(tree, name.slice(0, -2)).slice(0, MAXIMUM_ENTRIES);
    for (const element of elements) addTextsAt(texts, element, path, at + 1);
  } else addTextsAt(texts, valueAt(tree, name), path, at + 1);
}
