/** Sets of states that are looked at before the pattern counts as beyond the cap: an exact answer could take for ever. */
const MAX_LOOKED_AT = 5000;

/**
 * How many prefixes of the pattern one text can match at once, which is what matching costs in AWS's machine: `*a*` is 3, since `aa`
 * matches `*`, `*a` and `*a*`. `pieces` are the literals between the wildcards. Answers `cap` + 1 for whatever is more.
 */
export function wildcardComplexity(pieces: readonly string[], cap: number): number {
  const elements = elementsOf(pieces);
  if (!elements.includes(WILDCARD)) return 0;
  const characters = [...new Set(elements.filter((element) => element !== WILDCARD)), undefined];
  let most = 0;
  const seen = new Set<string>();
  let front: readonly (readonly number[])[] = [closure(elements, new Set([0]))];
  while (front.length > 0) {
    const next: (readonly number[])[] = [];
    for (const states of front) {
      for (const character of characters) {
        const reached = step(elements, states, character);
        // The state in front of everything stands for no prefix.
        most = Math.max(most, reached.filter((state) => state > 0).length);
        if (most > cap) return cap + 1;
        const key = reached.join();
        if (seen.has(key)) continue;
        if (seen.size >= MAX_LOOKED_AT) return cap + 1;
        seen.add(key);
        next.push(reached);
      }
    }
    front = next;
  }
  return most;
}

const WILDCARD = "*";

/** Character by character; a literal `*` is written as no character of a text is. */
function elementsOf(pieces: readonly string[]): readonly string[] {
  return pieces.flatMap((piece, at) => {
    const literals = [...piece].map((character) => (character === WILDCARD ? "\\*" : character));
    return at === 0 ? literals : [WILDCARD, ...literals];
  });
}

/** A state is the number of elements that have been matched. A wildcard may match nothing. */
function closure(elements: readonly string[], states: Set<number>): readonly number[] {
  for (const state of states) if (elements[state] === WILDCARD) states.add(state + 1);
  return [...states].sort((left, right) => left - right);
}

function step(elements: readonly string[], states: readonly number[], character: string | undefined): readonly number[] {
  const reached = new Set<number>();
  for (const state of states) {
    if (state > 0 && elements[state - 1] === WILDCARD) reached.add(state);
    const element = elements[state];
    if (element !== undefined && element !== WILDCARD && element === character) reached.add(state + 1);
  }
  return closure(elements, reached);
}
