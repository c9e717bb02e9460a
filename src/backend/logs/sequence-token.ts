import type { StoredStream } from "./stored.ts";

/** 56 digits, as AWS gives them; nobody looks at them any more ("PutLogEvents", CloudWatch Logs API Reference). */
export function sequenceToken({ id }: StoredStream, ingested: number): string {
  return `49${String(ingested).padStart(24, "0")}${String(id).padStart(30, "0")}`;
}
