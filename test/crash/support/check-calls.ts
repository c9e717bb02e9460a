import type { CloudTrailRecord } from "../../support/opentrail-process.ts";
import { type Call, refusalOf } from "./call.ts";
import type { ReadRecord } from "./read-back.ts";

export interface Violation {
  readonly promise: string;
  readonly what: string;
  readonly call?: Call;
  readonly records?: readonly CloudTrailRecord[];
}

export interface Expectations {
  /** Data events are on record. */
  readonly dataEvents: boolean;
  /** Audit recording was out for a while: refusals and withheld answers are in order. */
  readonly outages: boolean;
  /** Calls that passed during an outage; they may have no record of their own, and a gap in the record stands for them. */
  readonly passed?: ReadonlySet<Call>;
}

/** The event of a call whose end OpenTrail did not live to see. */
export function isOutcomeUnknown(record: CloudTrailRecord): boolean {
  return record["additionalEventData"]?.opentrail?.outcome === "unknown";
}

/** S3's records show the user agent in brackets. */
export function markOf(record: CloudTrailRecord): string {
  return String(record["userAgent"]).replace(/^\[(.*)\]$/, "$1");
}

/** Holds the observer's calls against the events. All calls MUST have ended. */
export function checkCalls(
  calls: Iterable<Call>,
  records: readonly ReadRecord[],
  known: ReadonlyMap<string, Call>,
  expectations: Expectations,
): Violation[] {
  const violations: Violation[] = [];
  const byMark = new Map<string, CloudTrailRecord[]>();
  const ids = new Set<unknown>();
  for (const { record } of records) {
    const id = record["eventID"];
    if (ids.has(id)) violations.push({ promise: "no event id twice", what: String(id), records: [record] });
    ids.add(id);
    if (record["eventName"] === "RecordingGap" && expectations.passed !== undefined) continue;
    const mark = markOf(record);
    // CloudTrail's own calls have a check of their own.
    if (mark === "cloudtrail.amazonaws.com") continue;
    if (!known.has(mark)) violations.push({ promise: "no event without a call", what: mark, records: [record] });
    byMark.set(mark, [...(byMark.get(mark) ?? []), record]);
  }
  for (const call of calls) {
    const own = byMark.get(call.mark) ?? [];
    for (const [promise, what] of checkCall(call, own, expectations)) violations.push({ promise, what, call, records: own });
  }
  return violations;
}

function* checkCall(call: Call, records: readonly CloudTrailRecord[], expectations: Expectations): Generator<[string, string]> {
  const { kind, plan, answer } = call;
  const [record] = records;
  const refusal = answer === undefined ? undefined : refusalOf(answer);
  if (records.length > 1) yield ["no call with two events", `${records.length} events`];
  if (kind.own && call.received > 0) yield ["own calls stay here", "the backend got one"];
  // A read may be sent once more where a kept connection closes without a word.
  if (call.received > (plan === "breaks" && !kind.changing ? 2 : 1))
    yield ["no call is carried out twice", `the backend got it ${call.received} times`];
  if (refusal === "before" && call.received > 0) yield ["G3", "refused as not carried out, yet the backend got it"];
  if (refusal !== undefined && !expectations.outages) yield ["G3", "refused although the disk is well"];
  if (kind.data && !expectations.dataEvents) {
    if (record !== undefined) yield ["selection", "an event that nobody selected"];
    return;
  }
  const answered = answer !== undefined && refusal === undefined;
  if (record === undefined) {
    if ((plan === "forged" && call.received > 0) || expectations.passed?.has(call) === true) return;
    if (answered) yield ["G1", `a client holds the answer (${answer.status}), and there is no event`];
    if (kind.changing && call.received > 0) yield ["G2", "a changing call reached the backend, and there is no event"];
    return;
  }
  if (record["eventName"] !== kind.eventName || record["eventSource"] !== kind.eventSource) {
    yield ["the event is the call's", `${String(record["eventSource"])} ${String(record["eventName"])}`];
  }
  if (kind.changing && kind.shown(record) !== call.subject) {
    yield ["the event is the call's", `its parameters show ${String(kind.shown(record))}`];
  }
  const unknown = isOutcomeUnknown(record);
  if (unknown && !kind.changing) yield ["intents are for changing calls", "a read has an unknown outcome"];
  if (!unknown && !kind.own && call.received === 0 && plan !== "breaks") {
    yield ["the event tells the truth", "an outcome of a call that never reached the backend"];
  }
  if (!answered) return;
  if (plan === "forged" && !kind.own) yield ["selection", "an event of a caller that nobody knows"];
  if (unknown) yield ["G1", "a client holds the answer, and the event says that the outcome is unknown"];
  if (record["requestID"] !== answer.requestId) {
    yield ["G1", `the answer's request id is ${answer.requestId}, the event's ${String(record["requestID"])}`];
  }
  if (answer.status >= 400 !== (record["errorCode"] !== undefined)) {
    yield ["G1", `the answer was ${answer.status}, the event's error ${String(record["errorCode"])}`];
  }
}
