import { DecodeBudget } from "../codec/decode-budget.ts";
import { decodePercent } from "../codec/decode-percent.ts";
import type { FormPair } from "./form-tree.ts";

/**
 * Reads `application/x-www-form-urlencoded`: pairs in order, `+` is a space, a name without `=` has the value "". A percent
 * sign that starts no valid sequence stays as it is. Throws `DecodeError` beyond the budget's number of pairs.
 */
export function parseForm(body: Uint8Array | string, budget: DecodeBudget = new DecodeBudget()): FormPair[] {
  const source = typeof body === "string" ? body : new TextDecoder().decode(body);
  const pairs: FormPair[] = [];
  let start = 0;
  while (start < source.length) {
    const ampersand = source.indexOf("&", start);
    const end = ampersand === -1 ? source.length : ampersand;
    if (end > start) {
      budget.spend(1);
      const pair = source.slice(start, end);
      const equals = pair.indexOf("=");
      const name = equals === -1 ? pair : pair.slice(0, equals);
      const value = equals === -1 ? "" : pair.slice(equals + 1);
      pairs.push([decodeFormText(name), decodeFormText(value)]);
    }
    start = end + 1;
  }
  return pairs;
}

function decodeFormText(text: string): string {
  return decodePercent(text.includes("+") ? text.replaceAll("+", " ") : text);
}
