import type { ApiCall } from "../event/api-call.ts";

/** What the gateway hands finished calls to. */
export interface Recorder {
  /** Whether a call of this kind will become an event: a data event that nobody selected is not captured at all. */
  wants(call: { readonly serviceId: string; readonly operationName: string }): boolean;
  /**
   * Asked for a wanted call before it leaves for its endpoint. Rejects when the call could not be recorded: then it must not
   * leave. Resolves at once, or when the intent is durable. `call` makes what is known by then, without response and body; it
   * costs a decoding, so a recorder that does not need it does not ask.
   */
  admit?(call: () => ApiCall): Promise<void>;
  /** Resolves when every event of the call is durable; rejects when that could not be done. */
  record(call: ApiCall): Promise<void>;
}
