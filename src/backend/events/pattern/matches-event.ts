import type { EventFields, FieldValue } from "./event-fields.ts";
import type { EventPattern, FieldTest, PatternBranch } from "./event-pattern.ts";

/** Combinations of array elements that are tried for one branch; what needs more does not match. */
const MAX_TRIED = 200_000;

/** The element that was chosen in each array, by the array's number. */
type Choice = ReadonlyMap<number, number>;

/** Values that stand in one array of objects must stand in one and the same element of it. */
export function matchesEvent({ branches }: EventPattern, fields: EventFields): boolean {
  // Branches share the tests of what stands outside `$or`; each is made once.
  const known = new Map<FieldTest, readonly FieldValue[]>();
  const passing = (test: FieldTest, values: readonly FieldValue[]): readonly FieldValue[] => {
    const found = known.get(test) ?? values.filter(({ value }) => test.tests.some((isPassed) => isPassed(value)));
    known.set(test, found);
    return found;
  };
  return branches.some((branch) => matchesBranch(branch, fields, passing));
}

function matchesBranch(
  branch: PatternBranch,
  fields: EventFields,
  passing: (test: FieldTest, values: readonly FieldValue[]) => readonly FieldValue[],
): boolean {
  const bound: [name: string, choices: readonly Choice[]][] = [];
  for (const [name, test] of branch) {
    const values = fields.get(name);
    if (values === undefined) {
      if (test.absent) continue;
      return false;
    }
    const found = passing(test, values);
    if (found.length === 0) return false;
    if (found.every(({ places }) => places.length > 0)) bound.push([name, found.map(({ places }) => choiceOf(places))]);
  }
  if (bound.length < 2) return true;
  // Neighbours share arrays, which are done with when the path leaves them.
  bound.sort(([left], [right]) => (left < right ? -1 : 1));
  return agree(bound.map(([, choices]) => choices));
}

function choiceOf(places: readonly number[]): Choice {
  const choice = new Map<number, number>();
  for (let at = 0; at + 1 < places.length; at += 2) choice.set(places[at] ?? 0, places[at + 1] ?? 0);
  return choice;
}

/** Whether one choice can be taken from each list so that no two differ about an array. */
function agree(lists: readonly (readonly Choice[])[]): boolean {
  let tried = 0;
  let states: readonly Choice[] = [new Map<number, number>()];
  for (const [at, choices] of lists.entries()) {
    const later = new Set(lists.slice(at + 1).flatMap((list) => list.flatMap((choice) => [...choice.keys()])));
    const next = new Map<string, Choice>();
    const candidatesOf = byCommonArray(states, choices);
    for (const state of states) {
      for (const choice of candidatesOf(state)) {
        if (++tried > MAX_TRIED) return false;
        if (!compatible(state, choice)) continue;
        const kept = [...state, ...choice].filter(([array]) => later.has(array)).sort(([left], [right]) => left - right);
        next.set(kept.join(";"), new Map(kept));
      }
    }
    if (next.size === 0) return false;
    states = [...next.values()];
  }
  return true;
}

/** Where all stand in one array, only those in the same element need be looked at. */
function byCommonArray(states: readonly Choice[], choices: readonly Choice[]): (state: Choice) => readonly Choice[] {
  const array = [...(states[0]?.keys() ?? [])]
    .reverse()
    .find((candidate) => states.every((state) => state.has(candidate)) && choices.every((choice) => choice.has(candidate)));
  if (array === undefined) return () => choices;
  const byElement = Map.groupBy(choices, (choice) => choice.get(array));
  return (state) => byElement.get(state.get(array)) ?? [];
}

function compatible(state: Choice, choice: Choice): boolean {
  for (const [array, element] of choice) if ((state.get(array) ?? element) !== element) return false;
  return true;
}
