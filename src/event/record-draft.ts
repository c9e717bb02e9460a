import type { Operation } from "../aws/catalogue/model.ts";
import type { JsonObject, TreeObject } from "../aws/tree.ts";
import type { ApiCall } from "./api-call.ts";

/** Characters of a member's text that are kept while the call is under way; longer ones are made anew. */
const KEPT_MOST = 16 * 1024;

interface Parameters {
  readonly operation: Operation;
  readonly serviceId: string;
  readonly operationName: string;
  readonly input: TreeObject;
  readonly general: JsonObject | null;
}

/**
 * What two records of one call share, made once: that from before it left, and that from after its answer. Nothing is taken over
 * unless all that it was made of is the same. One draft MUST NOT go to two builders, whose settings may differ.
 */
export class RecordDraft {
  readonly #texts = new Map<JsonObject, string>();
  #parameters: Parameters | undefined;

  /** `requestParameters` by the general rule: `make` looks at nothing but the model and the decoded input where there are both. */
  parameters({ operation, serviceId, operationName, input }: ApiCall, make: () => JsonObject | null): JsonObject | null {
    if (operation === undefined || input === undefined) return make();
    const known = this.#parameters;
    const same = known?.operation === operation && known.input === input;
    if (same && known.serviceId === serviceId && known.operationName === operationName) return known.general;
    const general = make();
    this.#parameters = { operation, serviceId, operationName, input, general };
    return general;
  }

  /** `value` as JSON. */
  textOf(value: JsonObject): string {
    const known = this.#texts.get(value);
    if (known !== undefined) return known;
    const text = JSON.stringify(value);
    if (text.length <= KEPT_MOST) this.#texts.set(value, text);
    return text;
  }
}
