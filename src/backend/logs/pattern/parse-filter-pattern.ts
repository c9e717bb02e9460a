import type { FilterPattern } from "./filter-pattern.ts";
import { invalidPattern } from "./invalid-pattern.ts";
import { jsonPattern } from "./json-pattern.ts";
import { spacePattern } from "./space-pattern.ts";
import { termPattern } from "./term-pattern.ts";

/**
 * Reads a pattern of "Filter pattern syntax for metric filters, subscription filters, filter log events, and Live Tail"
 * (CloudWatch Logs User Guide): terms, `{ … }` for JSON, `[ … ]` for fields between spaces. The caller has bounded its length,
 * 1,024 characters. Throws `InvalidParameterException`.
 */
export function parseFilterPattern(text: string): FilterPattern {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) return jsonPattern(between(trimmed, "}"));
  if (trimmed.startsWith("[")) return spacePattern(between(trimmed, "]"));
  return termPattern(trimmed);
}

function between(text: string, end: string): string {
  if (text.length < 2 || !text.endsWith(end)) throw invalidPattern();
  return text.slice(1, -1);
}
