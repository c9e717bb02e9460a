import { resolve as absolute } from "node:path";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { Position } from "../../../journal/journal.ts";
import type { LaneEvent, LaneSelection } from "./lane-event.ts";
import type { LaneStore } from "./lane-store.ts";
import { LineFile } from "./line-file.ts";
import { ALL_SENT, type BatchLimits, type SendOutcome, type SinkDestination } from "./sink-destination.ts";
import { SinkLane } from "./sink-lane.ts";
import { standardOutput } from "./standard-output.ts";

export interface NdjsonSinkOptions {
  /** `-`: standard output. */
  readonly path: string;
  /** Of what is written; part of the lane's name. */
  readonly trail?: string;
  readonly selection: LaneSelection;
  /** The journal's end: a new file is not told of the past. */
  readonly from: () => Position;
  readonly store: LaneStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * One record a line, in journal order, to a file or standard output. A file is synced before the position moves on; one that was
 * moved away is made anew.
 */
export function createNdjsonSink(options: NdjsonSinkOptions): SinkLane {
  const { path, trail } = options;
  const place = path === "-" ? "standard output" : absolute(path);
  const destination = new Lines(path === "-" ? { append: standardOutput } : new LineFile(place));
  const name = `ndjson ${place}${trail === undefined ? "" : ` ${trail}`}`;
  return new SinkLane({ ...options, name, destination, requestMilliseconds: FOR_EVER });
}

/** A reader of standard output may take its time: what waits there must not be written again. */
const FOR_EVER = 2_147_483_647;

interface LineTarget {
  append(lines: Uint8Array, signal: AbortSignal): Promise<void>;
  close?(): Promise<void>;
}

class Lines implements SinkDestination {
  readonly limits: BatchLimits = {
    events: 10_000,
    octets: 4 * 1024 * 1024,
    eventOctets: Infinity,
    sizeOf: ({ record }) => record.length + NEWLINE.length,
  };
  readonly #target: LineTarget;

  constructor(target: LineTarget) {
    this.#target = target;
  }

  groupOf(): string {
    return "";
  }

  async send(events: readonly LaneEvent[], signal: AbortSignal): Promise<SendOutcome> {
    await this.#target.append(Buffer.concat(events.flatMap(({ record }) => [record, NEWLINE])), signal);
    return ALL_SENT;
  }

  async close(): Promise<void> {
    await this.#target.close?.();
  }
}

const NEWLINE = Buffer.from("\n");
