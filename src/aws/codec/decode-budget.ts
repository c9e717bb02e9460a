import { DecodeError } from "./decode-failure.ts";

/**
 * Levels that a decoder follows. Twice the 32 levels that DynamoDB allows an attribute value, each of which costs a
 * structure and a map or list, and a few for what stands around it.
 */
export const MAX_DEPTH = 80;

/** Values in one message. A 4 MB body of the shortest possible members stays below it. */
const MAX_NODES = 1_000_000;

/** What one decoding may still spend; shared by all parts of one message. */
export class DecodeBudget {
  #left: number;

  constructor(nodes = MAX_NODES) {
    this.#left = nodes;
  }

  /**
   * Accounts for one value that stands `depth` levels below the root, or for what takes as much room as `cost` values;
   * throws `DecodeError` beyond either limit.
   */
  spend(depth: number, cost = 1): void {
    if (depth > MAX_DEPTH) throw new DecodeError(`nested more than ${MAX_DEPTH} levels deep`);
    this.#left -= cost;
    if (this.#left < 0) throw new DecodeError("too many values in one message");
  }
}
