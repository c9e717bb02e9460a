import type { ApiCall } from "../../../event/api-call.ts";
import type { LearnedIdentities } from "../learned-identities.ts";

/** What one operation's successful answer teaches. Answers are the backend's word, but any member may be missing or odd. */
export type Lesson = (call: ApiCall, classroom: Classroom) => void;

export interface Classroom {
  readonly learned: LearnedIdentities;
  readonly now: number;
  /** Whether anything but an account is known of the key: configured, learned, or an account's own number. */
  knows(accessKeyId: string): boolean;
}
