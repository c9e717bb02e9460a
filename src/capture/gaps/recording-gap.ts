import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { ApiCall } from "../../event/api-call.ts";

const count = z.int().nonnegative();

/** Calls of one account and region that were let pass and are not on record; also as it is kept in a file. */
export const recordingGapSchema = z.strictObject({
  /** Of the event that will tell of it. */
  eventId: z.string().max(64),
  account: z.string().max(64),
  region: z.string().max(256),
  /** Epoch milliseconds. */
  from: z.number(),
  to: z.number(),
  calls: count,
  outcomes: z.strictObject({ succeeded: count, failed: count, unknown: count }),
  /** Of the first of them. */
  reason: z.string().max(512),
  /** More may have been lost: OpenTrail ended within the gap. */
  interrupted: z.boolean(),
});

export type RecordingGap = Readonly<z.output<typeof recordingGapSchema>>;

export function gapOf(call: ApiCall, problem: Error): RecordingGap {
  const { accountId: account, region, startedAt: from, completedAt: to, error, response } = call;
  const unknown = error === undefined && response === undefined;
  return {
    eventId: randomUUID(),
    account: account.slice(0, 64),
    region: region.slice(0, 256),
    from,
    to,
    calls: 1,
    outcomes: {
      succeeded: Number(error === undefined && !unknown),
      failed: Number(error !== undefined),
      unknown: Number(unknown),
    },
    reason: problem.message.slice(0, 512),
    interrupted: false,
  };
}

/** Both together, told as the earlier one. */
export function joinedGap(earlier: RecordingGap | undefined, later: RecordingGap): RecordingGap {
  if (earlier === undefined) return later;
  const { outcomes, ...rest } = earlier;
  return {
    ...rest,
    from: Math.min(earlier.from, later.from),
    to: Math.max(earlier.to, later.to),
    calls: earlier.calls + later.calls,
    outcomes: {
      succeeded: outcomes.succeeded + later.outcomes.succeeded,
      failed: outcomes.failed + later.outcomes.failed,
      unknown: outcomes.unknown + later.outcomes.unknown,
    },
    interrupted: earlier.interrupted || later.interrupted,
  };
}
