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

/** The JSON text that the path leads to in `json`, which has no white space between tokens; undefined where it leads nowhere. */
export function selectJson(json: string, steps: readonly PathStep[]): string | undefined {
  const found = select(json, 0, steps, 0);
  return steps.includes(ALL) ? (found.length === 0 ? undefined : `[${found.join(",")}]`) : found[0];
}

function select(json: string, start: number, steps: readonly PathStep[], at: number): readonly string[] {
  const step = steps[at];
  if (step === undefined) return [json.slice(start, endOfValue(json, start))];
  if (typeof step === "number" || step === ALL) {
    if (json[start] !== "[") return [];
    const elements = elementsOf(json, start);
    if (step === ALL) return elements.flatMap((element) => select(json, element, steps, at + 1));
    const element = elements[step];
    return element === undefined ? [] : select(json, element, steps, at + 1);
  }
  const member = json[start] === "{" ? memberOf(json, start, step) : undefined;
  return member === undefined ? [] : select(json, member, steps, at + 1);
}

/** Where the elements of the array begin. */
function elementsOf(json: string, start: number): readonly number[] {
  const elements: number[] = [];
  for (let at = start + 1; at < json.length && json[at] !== "]";) {
    elements.push(at);
    at = endOfValue(json, at);
    if (json[at] === ",") at++;
  }
  return elements;
}

/** Where the member's value begins; of several of that name the last counts. */
function memberOf(json: string, start: number, name: string): number | undefined {
  let found: number | undefined;
  for (let at = start + 1; at < json.length && json[at] !== "}";) {
    const end = closingQuote(json, at + 1) + 1;
    if (JSON.parse(json.slice(at, end)) === name) found = end + 1;
    at = endOfValue(json, end + 1);
    if (json[at] === ",") at++;
  }
  return found;
}

function endOfValue(json: string, start: number): number {
  const first = json[start];
  if (first === '"') return closingQuote(json, start + 1) + 1;
  if (first !== "{" && first !== "[") {
    let end = start;
    while (end < json.length && !",]}".includes(json.charAt(end))) end++;
    return end;
  }
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    const character = json[at];
    if (character === '"') at = closingQuote(json, at + 1);
    else if (character === "{" || character === "[") depth++;
    else if ((character === "}" || character === "]") && --depth === 0) return at + 1;
  }
  return json.length;
}
