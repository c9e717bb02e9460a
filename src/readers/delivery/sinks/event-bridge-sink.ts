import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { EventIndex } from "../../../event/built-event.ts";
import type { Position } from "../../../journal/journal.ts";
import type { DestinationClients } from "../destination-clients.ts";
import { destinationErrorOf } from "../destination-error.ts";
import { busEntry, busEntrySize } from "./bus-entry.ts";
import type { LaneEvent, LaneSelection } from "./lane-event.ts";
import type { LaneStore } from "./lane-store.ts";
import { type BatchLimits, DestinationRefused, type SendOutcome, type SinkDestination } from "./sink-destination.ts";
import { SinkLane } from "./sink-lane.ts";

export interface EventBridgeSinkOptions {
  /** What any trail that logs takes, and every management event where one does: `TrailsSelection`. */
  readonly selection: LaneSelection;
  /** The journal's end: what came before this lane was ever switched on is not sent. */
  readonly from: () => Position;
  readonly store: LaneStore;
  readonly clients: Pick<DestinationClients, "events">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly requestMilliseconds?: number;
  /** The backend need not have an EventBridge: where it says that it has none, events go past it. */
  readonly optional?: boolean;
}

export const EVENT_BRIDGE_LANE = "events";

/** Events to the default bus of their own account and Region, each once however many trails take it. */
export function createEventBridgeSink(options: EventBridgeSinkOptions): SinkLane {
  return new SinkLane({
    ...options,
    name: EVENT_BRIDGE_LANE,
    destination: new EventBuses(options),
  });
}

/** What services answer that know nothing of PutEvents. */
const UNKNOWN_OPERATION: ReadonlySet<string> = new Set([
  "UnknownOperationException",
  "UnsupportedOperation",
  "NotImplemented",
  "MethodNotAllowed",
  "InvalidAction",
]);
/** How long a backend without an EventBridge is not asked again. */
const ASK_AGAIN_AFTER = 300_000;

/** Errors of an entry that the same entry will have again. */
const FINAL: ReadonlySet<string | undefined> = new Set([
  "NotAuthorizedForSourceException",
  "NotAuthorizedForSource",
  "NotAuthorizedForDetailTypeException",
  "NotAuthorizedForDetailType",
  "InvalidArgument",
  "MalformedDetail",
  "ReservedSource",
]);

class EventBuses implements SinkDestination {
  readonly limits: BatchLimits = { events: 10, octets: 256 * 1024, eventOctets: 256 * 1024, sizeOf: busEntrySize };
  readonly #options: EventBridgeSinkOptions;
  /** Refusals that were told already. */
  readonly #told = new Set<string>();
  /** Epoch milliseconds at which the backend said that it has no EventBridge. */
  #absentAt = -Infinity;

  constructor(options: EventBridgeSinkOptions) {
    this.#options = options;
  }

  groupOf({ account, region }: EventIndex): string {
    return `${account} ${region}`;
  }

  async send(events: readonly LaneEvent[], signal: AbortSignal): Promise<SendOutcome> {
    const entries = events.map((event) => ({ event, entry: busEntry(event) }));
    const refused = entries.filter(({ entry }) => entry === undefined).map(({ event }) => event);
    const sent = entries.flatMap(({ event, entry }) => (entry === undefined ? [] : [{ event, entry }]));
    const first = sent[0]?.event.index;
    if (first === undefined || this.#isAbsent()) return { unsent: [], refused: events };
    const { PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
    const client = this.#options.clients.events({ accountId: first.account, region: first.region });
    const command = new PutEventsCommand({ Entries: sent.map(({ entry }) => entry) });
    const answer = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
      if (this.#options.optional !== true || !saysThatThereIsNone(error)) throw error;
      return undefined;
    });
    if (answer === undefined) {
      const { clock, logger } = this.#options;
      const advice = "events go past it until it has one; delivery.eventBridge: off spares the question";
      if (this.#absentAt === -Infinity) logger.warn(`delivery: the backend has no EventBridge; ${advice}`);
      this.#absentAt = clock.now();
      return { unsent: [], refused: events };
    }
    const results = answer.Entries ?? [];
    if ((answer.FailedEntryCount ?? 0) > 0 && results.length !== sent.length) {
      throw new DestinationRefused("InternalException", "PutEvents failed for some entries and did not say for which");
    }
    const unsent: LaneEvent[] = [];
    let reason: DestinationRefused | undefined;
    for (const [at, { event }] of sent.entries()) {
      const { ErrorCode: code, ErrorMessage: message = "" } = results[at] ?? {};
      if (code === undefined || code === "") continue;
      reason = new DestinationRefused(code.slice(0, 128), `PutEvents: ${code}: ${message}`.slice(0, 1024));
      if (FINAL.has(code)) {
        refused.push(event);
        this.#tell(code, message, event.index);
      } else unsent.push(event);
    }
    return { unsent, refused, ...(reason !== undefined && { reason }) };
  }

  #isAbsent(): boolean {
    const since = this.#options.clock.now() - this.#absentAt;
    return since >= 0 && since < ASK_AGAIN_AFTER;
  }

  #tell(code: string, message: string, { source, name }: EventIndex): void {
    if (this.#told.has(code) || this.#told.size >= 100) return;
    this.#told.add(code);
    const fields = { code, message: message.slice(0, 1024), source, eventName: name };
    this.#options.logger.error(fields, `delivery: EventBridge refuses events for good; ${adviceFor(code)}`);
  }
}

function adviceFor(code: string): string {
  return code.startsWith("NotAuthorizedForSource")
    ? "it lets nobody but AWS send events whose source begins with aws.: set delivery.eventBridge to off, or " +
        "delivery.destinations.events to a bus that takes them"
    : "such events are not sent again";
}

/** A page or an XML document in place of JSON, or one of the errors for what is not known. */
function saysThatThereIsNone(error: unknown): boolean {
  const answer = destinationErrorOf(error);
  if (answer === undefined) return false;
  const { status, code } = answer;
  if ([404, 405, 501].includes(status) || UNKNOWN_OPERATION.has(code)) return true;
  return code === "SyntaxError" && status >= 400 && status < 500 && status !== 408 && status !== 429;
}
