import type { CallKind } from "./call-kinds.ts";

/** What the backend does when a call has reached it. */
export type Plan =
  | "plain"
  | "slow"
  /** Refuses what was asked. */
  | "fails"
  /** The credentials are none: not an event, as on AWS. */
  | "forged"
  /** Longer than what the gateway holds back. */
  | "long"
  /** Ends the connection instead of an answer. */
  | "breaks"
  /** Ends it within one. */
  | "stops";

/** An answer that a client received to its last octet. */
export interface Answer {
  readonly status: number;
  readonly requestId: string | undefined;
  /** The beginning of it. */
  readonly text: string;
}

/** All that is known outside of OpenTrail about one call. */
export interface Call {
  readonly mark: string;
  readonly kind: CallKind;
  readonly plan: Plan;
  /** What the call is about; the record shows it. */
  readonly subject: string;
  /** Epoch milliseconds, by the observer's clock. */
  readonly sentAt: number;
  /** How often its head reached the backend. */
  received: number;
  answer: Answer | undefined;
}

/** Whether OpenTrail said that nothing can be recorded, and whether the call may have been carried out. */
export function refusalOf(answer: Answer): "before" | "after" | undefined {
  if (answer.status !== 503 || !answer.text.includes("Audit recording is unavailable")) return undefined;
  return answer.text.includes("was not carried out") ? "before" : "after";
}
