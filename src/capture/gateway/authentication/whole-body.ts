import type { RequestBody } from "../request-body.ts";
import { SignatureProblem } from "./signature-problem.ts";

/** Longest body that is read before its call leaves: the largest code upload that Lambda takes, in base64, and some more. */
const LONGEST = 80 * 1024 * 1024;
/** Bytes that such bodies may hold at one time, those not counted that are no longer than `SHORT`. */
const HELD_MAX = 256 * 1024 * 1024;
export const SHORT = 256 * 1024;

/** Reads bodies whole, as many at a time as there is room for. */
export class WholeBodies {
  #held = 0;

  /** @param length of the body, in bytes; undefined where it is not known. Rejects with `SignatureProblem`. */
  async read(body: RequestBody, length: number | undefined): Promise<Uint8Array> {
    if (length !== undefined && length > LONGEST) throw tooLarge();
    const begun = await this.#peek(body, Math.min(length ?? Infinity, SHORT + 1));
    if (begun.length === length || (length === undefined && begun.length <= SHORT)) return begun;
    this.#hold(body, length ?? LONGEST);
    const bytes = await this.#peek(body, length ?? LONGEST + 1);
    if (bytes.length > LONGEST) throw tooLarge();
    return bytes;
  }

  async #peek(body: RequestBody, limit: number): Promise<Uint8Array> {
    const bytes = await body.peek(limit);
    if (body.failure !== undefined) throw new SignatureProblem({ kind: "no-body" });
    return bytes;
  }

  #hold(body: RequestBody, bytes: number): void {
    if (this.#held + bytes > HELD_MAX) throw new SignatureProblem({ kind: "busy" });
    this.#held += bytes;
    body.once("close", () => (this.#held -= bytes));
  }
}

function tooLarge(): SignatureProblem {
  return new SignatureProblem({ kind: "body-too-large", limit: LONGEST });
}

/** Of a request with a body: undefined where its end alone tells. */
export function lengthOf(headers: ReadonlyMap<string, string>): number | undefined {
  if (headers.has("transfer-encoding")) return undefined;
  return Number(headers.get("content-length") ?? 0);
}
