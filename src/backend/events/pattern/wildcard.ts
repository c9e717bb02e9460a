import { PatternError } from "./pattern-error.ts";
import type { PatternTokens } from "./pattern-tokens.ts";
import { wildcardComplexity } from "./wildcard-complexity.ts";

/** AWS refuses `*:*:*:*:*:event-bus/*`, whose complexity is 10. Where exactly its bound is, it does not say. */
const MAX_COMPLEXITY = 9;
const TOO_COMPLEX =
  "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character";

/** `*` stands for any characters, none among them; `\*` and `\\` for themselves. Throws `PatternError`. */
export function compileWildcard(text: string, tokens: PatternTokens): (value: string) => boolean {
  const pieces = split(text, tokens);
  if (wildcardComplexity(pieces, MAX_COMPLEXITY) > MAX_COMPLEXITY) throw new PatternError(TOO_COMPLEX);
  const [first = "", ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return (value) => value === first;
  return (value) => {
    if (!value.startsWith(first)) return false;
    let at = first.length;
    for (const piece of rest) {
      const found = value.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return value.length - last.length >= at && value.endsWith(last);
  };
}

/** The literal pieces between the wildcards. */
function split(text: string, tokens: PatternTokens): readonly string[] {
  const pieces: string[] = [];
  let piece = "";
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "*") {
      if (text[at + 1] === "*") throw tokens.error(`Consecutive wildcard characters at pos ${position(text, at)}`);
      pieces.push(piece);
      piece = "";
    } else if (character === "\\") {
      const next = text[at + 1];
      if (next !== "*" && next !== "\\") throw tokens.error(`Invalid escape character at pos ${position(text, at)}`);
      piece += next;
      at++;
    } else {
      piece += character;
    }
  }
  return [...pieces, piece];
}

/** AWS counts octets, and the quotation mark in front. */
function position(text: string, at: number): number {
  return Buffer.byteLength(text.slice(0, at)) + 1;
}
