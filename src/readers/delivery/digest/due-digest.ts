import type { DigestChain } from "./digest-chain.ts";

/** The digest that a chain has to write next. Epoch seconds. */
export interface DueDigest {
  readonly start: number;
  readonly end: number;
  readonly kind: "starting" | "standard" | "backfill";
  /** The chain's last. */
  readonly last: boolean;
}

/** What is known when a digest might be due. */
export interface DueFacts {
  /** Epoch seconds. */
  readonly now: number;
  readonly windowSeconds: number;
  /** Whether all files of a trail that has stopped are delivered. */
  readonly drained: boolean;
  /** Whether the clock has gone like the machine's own for so long that what it says of the past may be believed. */
  readonly steady: boolean;
  /** By the machine's own clock, since this chain's last digest or the start of the process. */
  readonly secondsWithout: number;
}

/** Windows that may be late without being missed. AWS's validator asks for keys up to two hours after the end of its range. */
const LATE_WINDOWS = 2;
/** Missed windows get a digest each, up to so many; what is beyond shares one. A clock gone mad costs no more than that. */
const BACKFILLS = 48;

/**
 * What is due, undefined where nothing is. Ends only ever grow. One digest is due at a time: ask again after it is stored.
 *
 * Windows that ended long ago (the process was down) become backfill digests: they are signed by today's key, and a validator
 * looks for the key of a standard digest at the time of its end, of a backfill digest at the time of its making.
 */
export function dueDigest(chain: DigestChain, facts: DueFacts): DueDigest | undefined {
  const { now, windowSeconds, drained, steady, secondsWithout } = facts;
  const { anchor, lastEnd, state } = chain;
  if (!chain.begun) return { start: chain.begins, end: lastEnd, kind: "starting", last: false };
  const standard = (end: number, last = false): DueDigest => ({ start: lastEnd, end, kind: "standard", last });
  if (state === "finishing" || (state === "closing" && drained)) return standard(Math.max(lastEnd + 1, now), true);

  const boundary = anchor + (Math.floor((lastEnd - anchor) / windowSeconds) + 1) * windowSeconds;
  if (now < boundary) {
    // The clock was ahead for a while: files must not wait until it gets there again.
    const wasAhead = boundary - now > windowSeconds && secondsWithout >= windowSeconds;
    return wasAhead ? standard(lastEnd + 1, state === "ending") : undefined;
  }
  const due = 1 + Math.floor((now - boundary) / windowSeconds);
  if (state === "ending") return standard(boundary, true);
  if (due <= LATE_WINDOWS) return standard(boundary);
  if (!steady) return undefined;
  const missed = due - 1;
  const extra = Math.max(0, missed - BACKFILLS);
  return { start: lastEnd, end: boundary + extra * windowSeconds, kind: "backfill", last: false };
}
