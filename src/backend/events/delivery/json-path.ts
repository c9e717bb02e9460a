import { closingQuote } from "../compact-json.ts";

/** A member's name, an element's number, or all elements. */
export type PathStep = string | number | "*all";

const STEP = /\.([^.[\]*'"\s]+)|\[(\d{1,9})\]|\[\*\]|\.\*|\['((?:[^'\\]|\\.)*)'\]/y;
const MAX_STEPS = 128;
const ALL = "*all";

/** `$.detail.items[0].name`, `$.resources[*]`, `$['detail']`: what EventBridge has of JSONPath. Undefined for anything else. */
export function parseJsonPath(path: string): readonly PathStep[] | undefined {
  if (!path.startsWith("$")) return undefined;
  const steps: PathStep[] = [];
  let at = 1;
  while (at < path.length) {
    STEP.lastIndex = at;
    const match = STEP.exec(path);
    if (match === null || steps.length >= MAX_STEPS) return undefined;
    const [whole, name, index, quoted] = match;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(name ?? quoted?.replace(/\\(.)/g, "$1") ?? ALL);
    at += whole.length;
  }
  return steps;
}

/** JSON text that has no white space between tokens, asked for what paths lead to: each in linear time, however deep it is nested. */
export class JsonText {
  readonly #json: string;
  /** Where each object and array ends, by where it begins. */
  #ends: ReadonlyMap<number, number> | undefined;

  constructor(json: string) {
    this.#json = json;
  }

  /** The JSON text that the path leads to; undefined where it leads nowhere. */
  select(steps: readonly PathStep[]): string | undefined {
    const found = this.#select(0, steps, 0);
    return steps.includes(ALL) ? (found.length === 0 ? undefined : `[${found.join(",")}]`) : found[0];
  }

  #select(start: number, steps: readonly PathStep[], at: number): readonly string[] {
    const json = this.#json;
    const step = steps[at];
    if (step === undefined) return [json.slice(start, this.#endOfValue(start))];
    if (typeof step === "number" || step === ALL) {
      if (json[start] !== "[") return [];
      const elements = this.#elementsOf(start);
      if (step === ALL) return elements.flatMap((element) => this.#select(element, steps, at + 1));
      const element = elements[step];
      return element === undefined ? [] : this.#select(element, steps, at + 1);
    }
    const member = json[start] === "{" ? this.#memberOf(start, step) : undefined;
    return member === undefined ? [] : this.#select(member, steps, at + 1);
  }

  /** Where the elements of the array begin. */
  #elementsOf(start: number): readonly number[] {
    const json = this.#json;
    const elements: number[] = [];
    for (let at = start + 1; at < json.length && json[at] !== "]";) {
      elements.push(at);
      at = this.#endOfValue(at);
      if (json[at] === ",") at++;
    }
    return elements;
  }

  /** Where the member's value begins; of several of that name the last counts. */
  #memberOf(start: number, name: string): number | undefined {
    const json = this.#json;
    let found: number | undefined;
    for (let at = start + 1; at < json.length && json[at] !== "}";) {
      const end = closingQuote(json, at + 1) + 1;
      if (JSON.parse(json.slice(at, end)) === name) found = end + 1;
      at = this.#endOfValue(end + 1);
      if (json[at] === ",") at++;
    }
    return found;
  }

  #endOfValue(start: number): number {
    const json = this.#json;
    const first = json[start];
    if (first === '"') return closingQuote(json, start + 1) + 1;
    if (first === "{" || first === "[") return (this.#ends ??= containerEnds(json)).get(start) ?? json.length;
    let end = start;
    while (end < json.length && !",]}".includes(json.charAt(end))) end++;
    return end;
  }
}

function containerEnds(json: string): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') at = closingQuote(json, at + 1);
    else if (character === "{" || character === "[") open.push(at);
    else if (character === "}" || character === "]") ends.set(open.pop() ?? 0, at + 1);
  }
  return ends;
}
