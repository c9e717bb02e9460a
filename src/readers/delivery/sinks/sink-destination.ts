import type { EventIndex } from "../../../event/built-event.ts";
import type { LaneEvent } from "./lane-event.ts";

/** Where a lane sends to. */
export interface SinkDestination {
  /** What one request may hold. */
  readonly limits: BatchLimits;
  /** Events with the same answer keep their order; groups are sent side by side, and none waits for another's trouble within a batch. */
  groupOf(index: EventIndex): string;
  /**
   * Sends the events in their order, all of one group. What comes back has not arrived and is sent again; an empty answer
   * means that all have. Throws `DestinationRefused`, or whatever the client throws, where nothing is known to have arrived.
   */
  send(events: readonly LaneEvent[], signal: AbortSignal): Promise<SendOutcome>;
  close?(): Promise<void>;
}

export interface SendOutcome {
  /** In their order. */
  readonly unsent: readonly LaneEvent[];
  /** Neither arrived nor worth another try: no such event will ever be taken. */
  readonly refused?: readonly LaneEvent[];
  /** Why, where there are any of either. */
  readonly reason?: DestinationRefused;
}

/** Octets count as the destination counts them. */
export interface BatchLimits {
  readonly events: number;
  readonly octets: number;
  /** Of one event alone; a larger one is left out, as AWS does. */
  readonly eventOctets: number;
  sizeOf(event: LaneEvent): number;
}

/** The destination said no. `code` is what status shows. */
export class DestinationRefused extends Error {
  override name = "DestinationRefused";
  readonly code: string;
  /** It may be one event that it does not take, or their number: fewer at a time are worth a try. */
  readonly divisible: boolean;

  constructor(code: string, message: string, options: { divisible?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.divisible = options.divisible ?? false;
  }
}

export const ALL_SENT: SendOutcome = { unsent: [] };
