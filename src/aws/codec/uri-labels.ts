import { decodePercent } from "./decode-percent.ts";

interface Segment {
  /** Literal text, or the label's name. */
  readonly text: string;
  readonly kind: "literal" | "label" | "greedy";
}

/**
 * The labels of `uri`, a Smithy template such as `/{Bucket}/{Key+}?x-id=GetObject`, as they stand in `path`, decoded once.
 * `leading` names labels that the template leaves to the host, in which case clients that cannot choose their hosts put
 * them first (S3's path style). Undefined where the path does not fit.
 */
export function uriLabels(uri: string, path: string, leading: readonly string[] = []): Map<string, string> | undefined {
  const [template = ""] = uri.split("?", 1);
  const segments = [...leading.map((text): Segment => ({ text, kind: "label" })), ...splitPath(template).map(toSegment)];
  const parts = splitPath(path);
  const labels = matchSegments(segments, parts);
  // Some clients end every path with a slash, and some templates do.
  if (labels === undefined && parts.at(-1) === "") return matchSegments(segments, parts.slice(0, -1));
  return labels ?? (segments.at(-1)?.text === "" ? matchSegments(segments.slice(0, -1), parts) : undefined);
}

function matchSegments(segments: readonly Segment[], parts: readonly string[]): Map<string, string> | undefined {
  const greedy = segments.findIndex(({ kind }) => kind === "greedy");
  const extra = parts.length - segments.length;
  if (greedy === -1 ? extra !== 0 : extra < 0) return undefined;
  const labels = new Map<string, string>();
  for (const [index, { text, kind }] of segments.entries()) {
    const shift = greedy !== -1 && index > greedy ? extra : 0;
    const part = parts[index + shift] ?? "";
    if (kind === "literal") {
      if (decodePercent(part) !== text) return undefined;
    } else labels.set(text, decodePercent(kind === "greedy" ? parts.slice(index, index + extra + 1).join("/") : part));
  }
  return labels;
}

function splitPath(path: string): string[] {
  return (path.startsWith("/") ? path.slice(1) : path).split("/");
}

function toSegment(text: string): Segment {
  if (!text.startsWith("{") || !text.endsWith("}")) return { text, kind: "literal" };
  return text.endsWith("+}") ? { text: text.slice(1, -2), kind: "greedy" } : { text: text.slice(1, -1), kind: "label" };
}
