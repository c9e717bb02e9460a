import { lookupMembers } from "../../aws/catalogue/facts/lookup-members.ts";
import { isReadOnly } from "../../aws/catalogue/facts/read-only.ts";
import { hidden } from "../../aws/catalogue/facts/redactions.ts";
import type { Tree } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import type { LookupResource } from "../built-event.ts";
import type { ShownParameters } from "../service-rules.ts";
import { listAt, textAt, valueAt } from "./read-tree.ts";

/** Entries and their sum of characters: they stand beside the record in every index. */
const MAXIMUM_ENTRIES = 50;
const MAXIMUM_CHARACTERS = 16_384;

/** A failed call of these has left nothing behind that its parameters could name. */
const CREATION = /^(?:Create|Run|Allocate|Import|Copy|Restore)(?![a-z])/;

/** What `Resources` of LookupEvents shows of the parameters: nothing of reads, nor of a creation that failed. */
export function lookupResources(call: ApiCall, shown: ShownParameters): readonly LookupResource[] {
  const { serviceId, operationName, operation } = call;
  if (call.error !== undefined && CREATION.test(operationName)) return [];
  const accessLevel = operation?.accessLevel;
  // Assuming a role counts as a read, but makes a session.
  const read = serviceId !== "sts" && isReadOnly({ serviceId, operationName, accessLevel, known: operation !== undefined });
  return read ? [] : namedResources(serviceId, shown);
}

function namedResources(serviceId: string, shown: ShownParameters): readonly LookupResource[] {
  const found = new Map<string, LookupResource>();
  let characters = 0;
  for (const { type, in: side, path } of lookupMembers(serviceId)) {
    const names = [
      ...(side === "response" ? [] : textsAt(shown.requestParameters, path)),
      ...(side === "request" ? [] : textsAt(shown.responseElements, path)),
    ];
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

function textsAt(tree: Tree | undefined, path: readonly string[]): readonly string[] {
  const [name, ...rest] = path;
  if (name === undefined) return typeof tree === "string" && tree !== "" ? [tree] : [];
  if (!name.endsWith("[]")) {
    if (rest.length > 0) return textsAt(valueAt(tree, name), rest);
    const text = textAt(tree, name);
    return text === undefined ? [] : [text];
  }
  return listAt(tree, name.slice(0, -2))
    .slice(0, MAXIMUM_ENTRIES)
    .flatMap((element) => textsAt(element, rest));
}
