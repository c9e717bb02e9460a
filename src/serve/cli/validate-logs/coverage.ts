import { displayTime } from "./digest-walk.ts";
import type { Finding } from "./finding.ts";
import type { SignedDigest } from "./signed-digest.ts";

type Checked = Omit<SignedDigest, "files">;
type Span = readonly [start: number, end: number];

/** Which times a trail's digests speak for. Epoch seconds. */
export class Coverage {
  readonly #spans: readonly Span[];
  readonly #digests: readonly Checked[];

  /** All that were found valid, backfill ones too. */
  constructor(digests: Iterable<Checked>) {
    this.#digests = [...digests];
    const spans = this.#digests
      // The first of a chain is about the time before logging began.
      .filter((digest) => digest.previous !== undefined || !digest.isEmpty || isBackfilled(digest))
      .map(({ start, end }): Span => [start, end])
      .sort(([a], [b]) => a - b);
    const merged: [number, number][] = [];
    for (const [start, end] of spans) {
      const last = merged.at(-1);
      if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
      else merged.push([start, end]);
    }
    this.#spans = merged;
  }

  /** Whether all from `start` to `end` is spoken for. */
  covers(start: number, end: number): boolean {
    return this.#spans.some(([from, to]) => from <= start && end <= to);
  }

  /** Times between linked digests that no digest is about: what was delivered then proves nothing, or its digests were taken away. */
  *holes(from: number): Generator<Finding> {
    const byPlace = new Map(this.#digests.map((digest) => [`${digest.bucket}/${digest.key}`, digest]));
    for (const digest of this.#digests) {
      const { previous } = digest;
      const before = previous === undefined ? undefined : byPlace.get(`${previous.bucket}/${previous.key}`);
      if (before === undefined || isBackfilled(digest)) continue;
      const [start, end] = [Math.max(before.end, from), digest.start];
      if (start >= end || this.covers(start, end)) continue;
      const reason = `No digest file is about all of the time between ${displayTime(start)} and ${displayTime(end)}`;
      yield { subject: "time", backfill: false, state: "invalid", reason };
    }
  }
}

function isBackfilled({ key }: Checked): boolean {
  return key.endsWith("_backfill.json.gz");
}
