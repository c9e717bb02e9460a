import type { CloudTrailRecord } from "../../support/opentrail-process.ts";
import type { CallBook } from "./call-book.ts";
import { lookupEvents } from "./call-kinds.ts";
import type { Violation } from "./check-calls.ts";
import { ownCall } from "./own-call.ts";
import type { ReadRecord } from "./read-back.ts";

interface LookupAnswer {
  readonly Events?: readonly { readonly EventId: string; readonly CloudTrailEvent: string }[];
  readonly NextToken?: string;
}

const PROMISE = "LookupEvents agrees with /_opentrail/events";

/** LookupEvents, page by page, finds the management events of `records`, and none besides those of its own calls. */
export async function compareLookup(url: string, book: CallBook, records: readonly ReadRecord[]): Promise<readonly Violation[]> {
  const found = await lookedUp(url, book);
  const expected = new Map(
    records.filter(({ record }) => record["eventCategory"] === "Management").map(({ record, text }) => [record["eventID"], text]),
  );
  const violations: Violation[] = [];
  for (const [id, text] of expected) if (!found.has(id)) violations.push({ promise: PROMISE, what: `missing: ${text}` });
  for (const [id, record] of found) {
    const text = expected.get(id);
    const isLater = text === undefined && ["LookupEvents", "ListTrails"].includes(String(record["eventName"]));
    if (text !== JSON.stringify(record) && !isLater) {
      violations.push({ promise: PROMISE, what: text ?? "one more", records: [record] });
    }
  }
  return violations;
}

async function lookedUp(url: string, book: CallBook): Promise<ReadonlyMap<unknown, CloudTrailRecord>> {
  const found = new Map<unknown, CloudTrailRecord>();
  let token: string | undefined;
  do {
    const input = { MaxResults: 50, ...(token === undefined ? {} : { NextToken: token }) };
    const answer = await ownCall<LookupAnswer>(url, book, lookupEvents, input);
    for (const { EventId, CloudTrailEvent } of answer.Events ?? []) {
      found.set(EventId, JSON.parse(CloudTrailEvent) as CloudTrailRecord);
    }
    token = answer.NextToken;
  } while (token !== undefined);
  return found;
}
