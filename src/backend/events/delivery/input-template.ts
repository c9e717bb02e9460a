import { DeliveryError } from "./delivery-error.ts";

const PLACEHOLDER = /<([A-Za-z0-9_.-]+)>/g;

/** "Amazon EventBridge input transformation", "Predefined variables". */
export const PREDEFINED: ReadonlySet<string> = new Set([
  "aws.events.rule-arn",
  "aws.events.rule-name",
  "aws.events.event.ingestion-time",
  "aws.events.event",
  "aws.events.event.json",
]);

/** Characters. No target takes more: SQS and CloudWatch Logs 1 MiB, the others 256 KiB. */
const MOST_CHARACTERS = 1024 * 1024;

export function placeholdersOf(template: string): readonly string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name = ""]) => name);
}

/**
 * The template with JSON texts in the place of its variables. Within a string of the template, a string gives its characters and
 * everything else its JSON text, escaped; outside, each stands as JSON. A variable without value is an empty string.
 * Throws `DeliveryError` where that becomes longer than any target takes.
 */
export function fillTemplate(template: string, valueOf: (name: string) => string | undefined): string {
  let filled = "";
  let isInString = false;
  let at = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const between = template.slice(at, match.index);
    isInString = endsInString(between, isInString);
    const value = valueOf(match[1] ?? "") ?? '""';
    filled += between + (isInString ? withinString(value) : value);
    if (filled.length > MOST_CHARACTERS)
      throw new DeliveryError("SDK_CLIENT_ERROR", "The input that the template makes is longer than any target takes.", true);
    at = match.index + match[0].length;
  }
  return filled + template.slice(at);
}

function withinString(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1) : JSON.stringify(value).slice(1, -1);
}

function endsInString(text: string, began: boolean): boolean {
  let isInString = began;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\" && isInString) at++;
    else if (text[at] === '"') isInString = !isInString;
  }
  return isInString;
}
