/** What an event pattern means, by trying everything: no compiling, no joining, no bounds. For small patterns and events alone. */
export function naiveMatch(pattern: object, event: object): boolean {
  const leaves = leavesOf(event);
  return expand(pattern).some((fields) => {
    const choices: Leaf[][] = [];
    for (const [path, alternatives] of fields) {
      const values = leaves.filter((leaf) => leaf.path === path);
      if (values.length === 0) {
        if (!alternatives.some((one) => isObject(one) && one["exists"] === false)) return false;
        continue;
      }
      choices.push(values.filter(({ value }) => alternatives.some((one) => naiveTest(one, value))));
    }
    return product(choices).some((chosen) => chosen.every((one) => chosen.every((other) => agree(one, other))));
  });
}

interface Leaf {
  readonly path: string;
  readonly value: unknown;
  /** Element by array, which is named by where it stands. */
  readonly elements: ReadonlyMap<string, number>;
}

type Fields = readonly (readonly [path: string, alternatives: readonly unknown[]])[];
type Members = Readonly<Record<string, unknown>>;

function leavesOf(event: object): readonly Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (value: unknown, path: string, where: string, elements: ReadonlyMap<string, number>): void => {
    if (Array.isArray(value)) {
      value.forEach((element: unknown, index) => {
        const inside = isObject(element) || Array.isArray(element) ? new Map([...elements, [where, index]]) : elements;
        visit(element, path, `${where}[${index}]`, inside);
      });
    } else if (isObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        visit(member, path === "" ? name : `${path}.${name}`, `${where}/${name}`, elements);
      }
    } else {
      leaves.push({ path, value, elements });
    }
  };
  visit(event, "", "", new Map());
  return leaves;
}

/** All combinations of `$or`, each a list of fields; of two tests of one field the later counts. */
function expand(pattern: object): readonly Fields[] {
  const walk = (part: Members, path: string): readonly Fields[] => {
    let found: readonly Fields[] = [[]];
    for (const [name, value] of Object.entries(part)) {
      const full = path === "" ? name : `${path}.${name}`;
      const more: readonly Fields[] =
        name === "$or"
          ? (value as readonly Members[]).flatMap((one) => walk(one, path))
          : Array.isArray(value)
            ? [[[full, value]]]
            : walk(value as Members, full);
      found = found.flatMap((before) => more.map((after) => [...before, ...after]));
    }
    return found;
  };
  return walk(pattern as Members, "").map((fields) => [...new Map(fields)]);
}

function naiveTest(one: unknown, value: unknown): boolean {
  if (!isObject(one)) return one === value;
  const [[name, operand] = ["", undefined]] = Object.entries(one);
  const text = typeof value === "string" ? value : undefined;
  switch (name) {
    case "prefix":
    case "suffix":
      return text !== undefined && affix(name, operand, text);
    case "equals-ignore-case":
      return text?.toLowerCase() === String(operand).toLowerCase();
    case "wildcard":
      return text !== undefined && wildcard(String(operand)).test(text);
    case "exists":
      return operand === true;
    case "numeric":
      return typeof value === "number" && numeric(operand as readonly (string | number)[], value);
    case "cidr":
      return text !== undefined && withinCidr(String(operand), text);
    case "anything-but":
      return !butFor(operand, value);
    default:
      throw new Error(`no ${name}`);
  }
}

function butFor(operand: unknown, value: unknown): boolean {
  if (Array.isArray(operand)) return operand.includes(value);
  if (!isObject(operand)) return operand === value;
  const [[name, excluded] = ["", undefined]] = Object.entries(operand);
  return [excluded].flat().some((one) => naiveTest({ [name]: one }, value));
}

function affix(name: "prefix" | "suffix", operand: unknown, text: string): boolean {
  const [wanted, found] = isObject(operand)
    ? [String(operand["equals-ignore-case"]).toLowerCase(), text.toLowerCase()]
    : [String(operand), text];
  return name === "prefix" ? found.indexOf(wanted) === 0 : found.slice(Math.max(0, found.length - wanted.length)) === wanted;
}

function wildcard(text: string): RegExp {
  const escaped = text.replace(/\\([*\\])|\*|[^*\\]/g, (one, literal: string | undefined) =>
    one === "*" ? "[^]*" : (literal ?? one).replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"),
  );
  return new RegExp(`^${escaped}$`);
}

function numeric(operand: readonly (string | number)[], value: number): boolean {
  for (let at = 0; at < operand.length; at += 2) {
    const bound = Number(operand[at + 1]);
    const holds = { "=": value === bound, "<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound };
    if (!holds[operand[at] as keyof typeof holds]) return false;
  }
  return true;
}

function withinCidr(cidr: string, text: string): boolean {
  const bits = (ip: string): string =>
    ip
      .split(".")
      .map((part) => Number(part).toString(2).padStart(8, "0"))
      .join("");
  const [ip = "", mask] = cidr.split("/");
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && bits(text).slice(0, Number(mask)) === bits(ip).slice(0, Number(mask));
}

function agree(one: Leaf, other: Leaf): boolean {
  return [...one.elements].every(([array, element]) => (other.elements.get(array) ?? element) === element);
}

function product<Value>(lists: readonly (readonly Value[])[]): readonly (readonly Value[])[] {
  return lists.reduce<readonly (readonly Value[])[]>(
    (all, list) => all.flatMap((one) => list.map((value) => [...one, value])),
    [[]],
  );
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
