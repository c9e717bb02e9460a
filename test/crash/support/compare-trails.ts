import type { CallBook } from "./call-book.ts";
import { createTrail, deleteTrail, listTrails } from "./call-kinds.ts";
import type { Violation } from "./check-calls.ts";
import { ownCall } from "./own-call.ts";
import type { ReadRecord } from "./read-back.ts";

/**
 * What the CloudTrail API itself changed, held against what clients saw and against the events: a trail that was confirmed is
 * there, one whose end was confirmed is not, and whichever is there has the event of its making.
 */
export async function compareTrails(url: string, book: CallBook, records: readonly ReadRecord[]): Promise<readonly Violation[]> {
  const { Trails } = await ownCall<{ readonly Trails: readonly { readonly Name: string }[] }>(url, book, listTrails, {});
  const there = new Set(Trails.map(({ Name }) => Name));
  const made = new Set(
    records
      .filter(({ record }) => record["eventName"] === createTrail.eventName)
      .map(({ record }) => String(record["requestParameters"]?.name)),
  );
  const violations: Violation[] = [];
  for (const name of there) if (!made.has(name)) violations.push({ promise: "G2", what: `trail ${name} has no event` });
  const calls = [...book.calls.values()];
  const deletions = calls.filter(({ kind }) => kind === deleteTrail);
  for (const call of calls.filter(({ kind, answer }) => kind === createTrail && answer?.status === 200)) {
    const ended = deletions.filter(({ subject }) => subject === call.subject);
    if (ended.length === 0 && !there.has(call.subject)) {
      violations.push({ promise: "what was confirmed is there", what: `trail ${call.subject} is gone`, call });
    }
    if (ended.some(({ answer }) => answer?.status === 200) && there.has(call.subject)) {
      violations.push({ promise: "what was confirmed is there", what: `trail ${call.subject} is back`, call });
    }
  }
  return violations;
}
