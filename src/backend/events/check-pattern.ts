import { AwsError } from "../../aws/aws-error.ts";
import { compilePattern } from "./pattern/compile-pattern.ts";
import type { EventPattern } from "./pattern/event-pattern.ts";
import { PatternError } from "./pattern/pattern-error.ts";

/** Characters. */
export const MAX_PATTERN = 4096;

/** Throws `InvalidEventPatternException`. */
export function checkPattern(text: string): EventPattern {
  try {
    return compilePattern(text);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new AwsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${error.message}`);
  }
}
