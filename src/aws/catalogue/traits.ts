import type { Traits } from "./model.ts";

/** One object for all that have none. */
export const noTraits: Traits = Object.freeze({});

/**
 * A member's traits over those of its target. A structure's own `xmlName` is left behind: it names the structure as the
 * root of a document, while a member is called by its own name ("xmlName trait" in the Smithy specification).
 */
export function mergeTraits(target: Traits, own: Traits): Traits {
  if (target === noTraits) return own;
  const { xmlName: _rootName, ...inherited } = target;
  return { ...inherited, ...own };
}
