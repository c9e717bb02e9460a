import { destinationErrorOf } from "./destination-error.ts";

export interface PutFailure {
  /** As GetTrailStatus shows it; undefined for time-outs and broken connections. */
  readonly code: string | undefined;
  /** It is certain that the object was not written, so it may be written elsewhere. */
  readonly isRefusal: boolean;
}

/** Answers of the 4xx kind that do not rule out that the object is, or will be, there. */
const UNCERTAIN: ReadonlySet<string> = new Set(["RequestTimeout", "OperationAborted", "ConditionalRequestConflict"]);
/** Nothing was ever sent. */
const NEVER_SENT: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

export function putFailure(error: unknown): PutFailure {
  const answer = destinationErrorOf(error);
  if (answer === undefined) {
    return { code: undefined, isRefusal: NEVER_SENT.has((error as { code?: unknown } | undefined)?.code) };
  }
  const { code, status } = answer;
  return { code, isRefusal: status >= 300 && status < 500 && status !== 408 && !UNCERTAIN.has(code) };
}
