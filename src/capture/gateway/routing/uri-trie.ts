import { decodePercent } from "../../../aws/codec/decode-percent.ts";
import type { Operation, Service } from "../../../aws/catalogue/model.ts";
import type { RequestHead } from "./request-head.ts";

export interface RestMatch {
  readonly operation: Operation;
  /** Label name → decoded value. */
  readonly labels: ReadonlyMap<string, string>;
  /** Compares matches of several services: literal segments, then literal query parameters, then the slash at the end. */
  readonly specificity: number;
}

interface Leaf {
  readonly operation: Operation;
  /** Label names in the order of the path. */
  readonly labels: readonly string[];
  /** Literal query of the binding; `x-id` is a hint of the SDKs and never required. */
  readonly query: readonly (readonly [name: string, value: string | undefined])[];
  readonly endsInSlash: boolean;
}

class Node {
  readonly literals = new Map<string, Node>();
  label: Node | undefined;
  greedy: Node | undefined;
  readonly leaves: Leaf[] = [];
  /** Segments that a pattern has behind this one, at most. */
  height = 0;
}

/**
 * The URI patterns of one service's REST bindings, a trie for each method. A literal segment wins over a label, a label
 * over a greedy one, and at the end of the path the pattern with most literal query parameters that are met.
 */
export class UriTrie {
  readonly #methods = new Map<string, Node>();

  constructor(service: Service) {
    for (const name of service.operationNames) {
      const operation = service.operation(name);
      if (operation?.http !== undefined) this.#add(operation, operation.http.method, operation.http.uri);
    }
  }

  find(head: RequestHead): RestMatch | undefined {
    const root = this.#methods.get(head.method);
    if (root === undefined) return undefined;
    const values: string[] = [];
    const found = descend(root, segmentsOf(head.path), 0, values, 0, head);
    if (found === undefined) return undefined;
    const labels = new Map(found.leaf.labels.map((name, i) => [name, decodePercent(found.values[i] ?? "")]));
    const { operation, query, endsInSlash } = found.leaf;
    // Nothing else in the path tells two calls of Bedrock apart: `POST /agents/ID/` prepares an agent, `POST /agents/ID` invokes one.
    const sameEnd = endsInSlash === head.path.endsWith("/") ? 1 : 0;
    return { operation, labels, specificity: found.literals * 100 + query.length * 2 + sameEnd };
  }

  #add(operation: Operation, method: string, uri: string): void {
    const mark = uri.indexOf("?");
    let node = grown(this.#methods, method);
    const labels: string[] = [];
    const segments = segmentsOf(mark === -1 ? uri : uri.slice(0, mark));
    for (const [at, segment] of segments.entries()) {
      node.height = Math.max(node.height, segments.length - at);
      const label = /^\{([^}+]+)(\+?)\}$/.exec(segment);
      if (label === null) {
        node = grown(node.literals, segment);
      } else {
        labels.push(label[1] ?? "");
        node = label[2] === "+" ? (node.greedy ??= new Node()) : (node.label ??= new Node());
      }
    }
    const query = mark === -1 ? [] : literalQuery(uri.slice(mark + 1));
    node.leaves.push({ operation, labels, query, endsInSlash: /\/(?:\?|$)/.test(uri) });
  }
}

function grown(nodes: Map<string, Node>, key: string): Node {
  const node = nodes.get(key) ?? new Node();
  nodes.set(key, node);
  return node;
}

interface Found {
  readonly leaf: Leaf;
  readonly values: readonly string[];
  readonly literals: number;
}

function descend(
  node: Node,
  path: readonly string[],
  at: number,
  values: string[],
  literals: number,
  head: RequestHead,
): Found | undefined {
  const segment = path[at];
  if (segment === undefined) {
    const leaf = bestLeaf(node.leaves, head);
    return leaf === undefined ? undefined : { leaf, values: [...values], literals };
  }
  const literal = node.literals.get(segment) ?? node.literals.get(decodePercent(segment));
  if (literal !== undefined) {
    const found = descend(literal, path, at + 1, values, literals + 1, head);
    if (found !== undefined) return found;
  }
  if (node.label !== undefined && segment !== "") {
    values.push(segment);
    const found = descend(node.label, path, at + 1, values, literals, head);
    if (found !== undefined) return found;
    values.pop();
  }
  if (node.greedy === undefined) return undefined;
  // What follows the label in the pattern is more specific than a label that takes everything. No pattern has two such labels,
  // so all but the last few segments are this one's, however many a request brings.
  const shortest = Math.max(at + 1, path.length - node.greedy.height);
  for (let end = path.length - 1; end >= shortest; end -= 1) {
    const found = descendGreedy(node.greedy, path, at, end, values, literals, head);
    if (found !== undefined) return found;
  }
  return descendGreedy(node.greedy, path, at, path.length, values, literals, head);
}

function descendGreedy(
  node: Node,
  path: readonly string[],
  at: number,
  end: number,
  values: string[],
  literals: number,
  head: RequestHead,
): Found | undefined {
  values.push(path.slice(at, end).join("/"));
  const found = descend(node, path, end, values, literals, head);
  if (found === undefined) values.pop();
  return found;
}

function bestLeaf(leaves: readonly Leaf[], head: RequestHead): Leaf | undefined {
  let best: Leaf | undefined;
  for (const leaf of leaves) {
    const met = leaf.query.every(([name, value]) =>
      head.query.some(([key, given]) => key === name && (value ?? given) === given),
    );
    if (met && (best === undefined || leaf.query.length > best.query.length)) best = leaf;
  }
  return best;
}

function literalQuery(text: string): Leaf["query"] {
  return text
    .split("&")
    .filter((pair) => pair !== "" && !pair.startsWith("x-id="))
    .map((pair) => {
      const equals = pair.indexOf("=");
      return equals === -1 ? [pair, undefined] : [pair.slice(0, equals), pair.slice(equals + 1)];
    });
}

/** A trailing slash counts for nothing: clients and models disagree about it (`/2015-03-31/functions/`). */
function segmentsOf(path: string): string[] {
  const segments = path.split("/").slice(1);
  if (segments.at(-1) === "") segments.pop();
  return segments;
}
