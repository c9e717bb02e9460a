export interface RememberedOptions {
  /** Answers kept at least; at most twice as many are. */
  readonly limit?: number;
  /** Characters of the longest text whose answer is kept. */
  readonly longest?: number;
}

/**
 * `make`, answering from memory what it was asked lately. `make` MUST be pure: the same text gets the same answer, the very same
 * object. Texts come from the wire, so memory is bounded: of `limit` each, by default 1,024 of up to 256 characters, the half that was
 * not asked for of late is forgotten at once.
 */
export function remembered<Answer>(make: (text: string) => Answer, options: RememberedOptions = {}): (text: string) => Answer {
  const { limit = 1024, longest = 256 } = options;
  let young = new Map<string, Answer>();
  let old = new Map<string, Answer>();
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    if (text.length > longest) return make(text);
    if (young.has(text)) return known as Answer;
    const answer = old.has(text) ? (old.get(text) as Answer) : make(text);
    if (young.size >= limit) {
      old = young;
      young = new Map();
    }
    young.set(text, answer);
    return answer;
  };
}
