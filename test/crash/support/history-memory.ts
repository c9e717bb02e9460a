import { isOutcomeUnknown, type Violation } from "./check-calls.ts";
import { journalEntries } from "./journal-files.ts";
import type { ReadRecord } from "./read-back.ts";

/** What event history has ever shown of one data directory: it only grows, and it agrees with the journal's files. */
export class HistoryMemory {
  readonly #texts = new Map<unknown, string>();
  #outcomeUnknown = 0;

  get events(): number {
    return this.#texts.size;
  }

  get outcomeUnknown(): number {
    return this.#outcomeUnknown;
  }

  /** What was read once stays as it is. @param full `records` are all there are. */
  compare(records: readonly ReadRecord[], full: boolean): readonly Violation[] {
    const violations: Violation[] = [];
    const found = new Set<unknown>();
    for (const { record, text } of records) {
      const id = record["eventID"];
      found.add(id);
      const before = this.#texts.get(id);
      if (before !== undefined && before !== text) {
        violations.push({ promise: "an event never changes", what: before, records: [record] });
      }
      if (before !== undefined) continue;
      this.#texts.set(id, text);
      if (isOutcomeUnknown(record)) this.#outcomeUnknown += 1;
    }
    if (!full) return violations;
    for (const [id, text] of this.#texts) if (!found.has(id)) violations.push({ promise: "an event never goes", what: text });
    return violations;
  }

  /** Each event in the journal's files was seen as it stands there, once; and, while nothing was trimmed, each that was seen is there. */
  compareJournal(dataDir: string): readonly Violation[] {
    const violations: Violation[] = [];
    const ids = new Set<unknown>();
    const entries = journalEntries(dataDir);
    for (const { kind, body, position } of entries) {
      if (kind !== "event") continue;
      const record = JSON.parse(body.toString()) as ReadRecord["record"];
      const id = record["eventID"];
      const seen = this.#texts.get(id);
      if (ids.has(id)) {
        violations.push({ promise: "no event id twice in the journal", what: `position ${position}`, records: [record] });
      }
      ids.add(id);
      // The last check's own calls came after it read the history.
      if (seen === undefined && ["LookupEvents", "ListTrails"].includes(String(record["eventName"]))) continue;
      if (seen !== JSON.stringify(record)) {
        const what = `position ${position}: ${seen ?? "not there"}`;
        violations.push({ promise: "history agrees with the journal", what, records: [record] });
      }
    }
    if (entries[0]?.position !== 1) return violations;
    for (const [id, text] of this.#texts) {
      if (!ids.has(id)) violations.push({ promise: "history has nothing that the journal has not", what: text });
    }
    return violations;
  }
}
