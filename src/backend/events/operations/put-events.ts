import { randomUUID } from "node:crypto";
import { AwsError } from "../../../aws/aws-error.ts";
import { compactJson } from "../compact-json.ts";
import { Constraints } from "../constraints.ts";
import type { NewDelivery } from "../delivery/delivery-table.ts";
import { envelope } from "../envelope.ts";
import { DEFAULT_BUS } from "../event-bus.ts";
import type { EventsCall, NamedEventsOperation } from "../events-call.ts";
import { goesToRule } from "../goes-to-rule.ts";
import { maySendAs } from "../may-send-as.ts";
import type { Members } from "../members.ts";
import { findBus } from "../named-bus.ts";
import { parseEvent } from "../pattern/parse-event.ts";
import { ruleArn } from "../rule.ts";

const MAX_ENTRIES = 10;
/** Of all entries together, as EventBridge counts them. */
const MAX_BYTES = 1024 * 1024;
const MAX_DETAIL_TYPE = 128;
const TIME_BYTES = 14;

/** One event, ready for whoever wants it. */
interface Sent {
  readonly id: string;
  readonly text: string;
  readonly deliveries: readonly NewDelivery[];
}

interface Refused {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

/** The entries that are taken are durable together before the answer. One for a bus that does not exist is taken and goes nowhere. */
export const putEvents: NamedEventsOperation = {
  name: "PutEvents",
  handle(call) {
    const { input, store, clock, wake } = call;
    const entries = input.structures("Entries");
    new Constraints().required("entries", entries).list("entries", entries, MAX_ENTRIES).check();
    if (input.text("EndpointId") !== undefined) {
      throw new AwsError("NotImplemented", "The embedded account does not have global endpoints.", 501);
    }
    if ((entries ?? []).reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_BYTES) {
      throw new AwsError("ValidationException", "Total size of the entries in the request is over the limit.");
    }
    const now = clock.now();
    const results = (entries ?? []).map((entry) => take(call, entry, now));
    const sent = results.filter((result) => "id" in result).filter(({ deliveries }) => deliveries.length > 0);
    if (sent.length > 0) {
      const lanes = store.transaction(() => sent.flatMap(({ text, deliveries }) => store.deliveries.add(text, now, deliveries)));
      wake(lanes);
    }
    return {
      FailedEntryCount: results.filter((result) => !("id" in result)).length,
      Entries: results.map((result) => ("id" in result ? { EventId: result.id } : { ...result })),
    };
  },
};

/** The event for the rules that want it, or the entry of the answer that says what is wrong. */
function take(call: EventsCall, entry: Members, now: number): Sent | Refused {
  const [source = "", detailType = "", detail = ""] = [entry.text("Source"), entry.text("DetailType"), entry.text("Detail")];
  for (const [name, value] of Object.entries({ Source: source, DetailType: detailType, Detail: detail })) {
    if (value === "")
      return refused("InvalidArgument", `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  }
  if (detailType.length > MAX_DETAIL_TYPE) {
    return refused("InvalidArgument", `Parameter DetailType is not valid. Reason: DetailType is longer than ${MAX_DETAIL_TYPE}.`);
  }
  if (!maySendAs(source, call.servicePrincipal)) {
    return refused("NotAuthorizedForSourceException", "Not authorized for the source.");
  }
  const content = parseEvent(detail);
  const compact = content === undefined ? undefined : compactJson(detail);
  if (content === undefined || compact === undefined) return refused("MalformedDetail", "Detail is malformed.");
  const id = randomUUID();
  const event = envelope({
    id,
    detailType,
    source,
    place: call.place,
    time: timeOf(entry, now),
    resources: entry.texts("Resources") ?? [],
    detail: { text: compact, content },
  });
  const deliveries = deliveriesOf(call, entry.text("EventBusName") ?? DEFAULT_BUS, event.content);
  return { id, text: event.text, deliveries };
}

function deliveriesOf(call: EventsCall, busName: string, event: object): readonly NewDelivery[] {
  const bus = findBus(call, busName);
  if (bus === undefined) return [];
  return call.indexes
    .matching(bus, event)
    .filter(({ rule }) => goesToRule(rule.state, event))
    .flatMap(({ rule, targets }) =>
      targets.map((target) => ({ place: call.place, ruleName: rule.name, ruleArn: ruleArn(bus, rule.name), target })),
    );
}

/** Times that no date can be are passed over. */
function timeOf(entry: Members, now: number): number {
  const time = entry.time("Time") ?? now;
  return time >= 0 && time < 253_402_300_800_000 ? time : now;
}

/** "Calculating PutEvents event entry size". */
function sizeOf(entry: Members): number {
  const texts = [entry.text("Source"), entry.text("DetailType"), entry.text("Detail"), ...(entry.texts("Resources") ?? [])];
  const time = entry.time("Time") === undefined ? 0 : TIME_BYTES;
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ""), time);
}

function refused(code: string, message: string): Refused {
  return { ErrorCode: code, ErrorMessage: message };
}
