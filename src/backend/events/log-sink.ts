import type { Place } from "../places.ts";

/** What EventBridge needs of CloudWatch Logs. */
export interface LogSink {
  /**
   * Adds events to a group that exists, making the stream where it is missing. Timestamps are epoch milliseconds. Throws `AwsError`
   * as PutLogEvents does: `ResourceNotFoundException` where the group is missing.
   */
  put(
    place: Place,
    group: string,
    stream: string,
    events: readonly { readonly timestamp: number; readonly message: string }[],
  ): Promise<void>;
}
