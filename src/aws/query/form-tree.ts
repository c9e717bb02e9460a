import type { DecodeBudget } from "../codec/decode-budget.ts";

export type FormPair = readonly [name: string, value: string];

/** Dotted parameter names as a tree: `Filter.1.Value.2` is `2` below `Value` below `1` below `Filter`. */
export interface FormNode {
  /** Value of the parameter that ends here; the last one if it was given twice. */
  value: string | undefined;
  /** In order of first appearance. */
  readonly children: Map<string, FormNode>;
}

/** A node and its map take about as much memory as this many plain values. */
const NODE_COST = 4;

/** Throws `DecodeError` when the names together make more or deeper nodes than the budget has. */
export function formTree(pairs: readonly FormPair[], budget: DecodeBudget): FormNode {
  const root: FormNode = { value: undefined, children: new Map() };
  for (const [name, value] of pairs) {
    let node = root;
    let depth = 0;
    let start = 0;
    // Walked by hand: splitting a name of a million dots would make them all before the first is counted.
    while (start <= name.length) {
      const dot = name.indexOf(".", start);
      const end = dot === -1 ? name.length : dot;
      const part = name.slice(start, end);
      depth += 1;
      budget.spend(depth);
      let child = node.children.get(part);
      if (child === undefined) {
        budget.spend(depth, NODE_COST);
        child = { value: undefined, children: new Map() };
        node.children.set(part, child);
      }
      node = child;
      start = end + 1;
    }
    node.value = value;
  }
  return root;
}

/** The elements of a list: children whose names are numbers, in numeric order. */
export function formElements(node: FormNode): [index: number, element: FormNode][] {
  const elements: [number, FormNode][] = [];
  for (const [name, child] of node.children) {
    if (/^[0-9]{1,15}$/.test(name)) elements.push([Number(name), child]);
  }
  return elements.toSorted(([one], [other]) => one - other);
}
