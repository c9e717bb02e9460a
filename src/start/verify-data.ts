import { existsSync } from "node:fs";
import { join } from "node:path";
import { verifyDelegations } from "../account/organization/drivers/sqlite/verify-delegations.ts";
import { verifyTrails } from "../account/trails/drivers/sqlite/verify-trails.ts";
import { type Finding, RESTORE } from "../base/finding.ts";
import { verifyEmbedded } from "../backend/verify-embedded.ts";
import { verifyIdentities } from "../capture/identity/verify-identities.ts";
import { JournalUnavailable } from "../journal/journal.ts";
import { type JournalCheck, verifyJournal } from "../journal/drivers/segments/verify-journal.ts";
import { verifyDelivery } from "../readers/delivery/verify-delivery.ts";
import { type HistoryCheck, verifyHistory } from "../readers/history/verify-history.ts";
import { deliverySealToRead } from "./delivery-seal.ts";

/** What was found out about one part of a data directory. */
export interface VerifiedPart {
  readonly part: string;
  readonly state: "sound" | "damaged" | "unchecked";
  /** What there is, for people; where it could not be checked, why. */
  readonly summary: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

export interface Verified {
  readonly parts: readonly VerifiedPart[];
  /** Newest journal position whose effect stands anywhere. */
  readonly seen: number;
}

/** Called as the check goes on: which part, and octets read of those there are. */
export type VerifyProgress = (part: string, done: number, of: number) => void;

type Outcome = Omit<VerifiedPart, "part" | "state">;

/**
 * Checks all of a data directory that no server uses: each store by itself, then whether they agree. A part that fails to be
 * checked keeps no other from it. While a server has the journal open nothing is checked.
 */
export async function verifyData(dataDir: string, progress: VerifyProgress): Promise<Verified> {
  const parts: VerifiedPart[] = [];
  let inUse = false;
  const check = async (part: string, work: () => Promise<Outcome> | Outcome): Promise<void> => {
    const unchecked = (summary: string): void => void parts.push({ part, state: "unchecked", summary, counts: {}, findings: [] });
    if (inUse) return unchecked("for the same reason");
    try {
      const outcome = await work();
      parts.push({ part, state: outcome.findings.length === 0 ? "sound" : "damaged", ...outcome });
    } catch (error) {
      const summary = error instanceof Error ? error.message : String(error);
      inUse = error instanceof JournalUnavailable;
      unchecked(inUse ? `${summary}; stop the server that uses it, then verify` : summary);
    }
  };
  const watch = (part: string) => (done: number, of: number) => progress(part, done, of);

  let journal: JournalCheck | undefined;
  let history: HistoryCheck | undefined;
  await check("journal", async () => {
    const directory = join(dataDir, "journal");
    if (!existsSync(directory)) return absent();
    journal = await verifyJournal({ directory, progress: watch("journal") });
    return describeJournal(journal);
  });
  await check("history", async () => {
    history = await verifyHistory({ dir: join(dataDir, "history"), progress: watch("history") });
    const { days, events, buffered, findings } = history;
    return {
      summary: `${counted(events, "event")} of ${counted(days, "finished day file")}`,
      counts: { days, events, buffered },
      findings,
    };
  });
  const stored = inUse ? { trails: 0, newest: 0, findings: [] } : verifyTrails(join(dataDir, "trails.sqlite"));
  const sent = inUse
    ? { lanes: 0, pending: 0, newest: 0, findings: [] }
    : verifyDelivery(join(dataDir, "delivery.sqlite"), deliverySealToRead(dataDir));
  await check("positions", () => comparePositions(dataDir, journal, history, { changed: stored.newest, sent: sent.newest }));
  await check("trails", () => {
    const { trails, findings } = stored;
    return { summary: counted(trails, "trail"), counts: { trails }, findings };
  });
  await check("delivery", () => {
    const { lanes, pending, findings } = sent;
    return {
      summary: `${counted(lanes, "trail")}, ${counted(pending, "file")} to be sent`,
      counts: { lanes, pending },
      findings,
    };
  });
  const delegations = join(dataDir, "organization.sqlite");
  if (existsSync(delegations)) {
    await check("organization", () => ({
      summary: "delegated administrators",
      counts: {},
      findings: verifyDelegations(delegations),
    }));
  }
  await check("identities", () => {
    const { identities, findings } = verifyIdentities(dataDir);
    return { summary: `${identities} learned`, counts: { identities }, findings };
  });
  await check("embedded", async () => {
    const { databases, objects, findings, unchecked } = await verifyEmbedded(join(dataDir, "embedded"), watch("embedded"));
    const summary = `${counted(objects, "object")}, ${counted(databases, "database")}`;
    return {
      summary: unchecked.length === 0 ? summary : `${summary}; ${unchecked.join(", ")} has no check`,
      counts: { objects, databases },
      findings,
    };
  });
  return { parts, seen: Math.max(history?.position ?? 0, history?.applied ?? 0, stored.newest, sent.newest) };
}

function absent(): Outcome {
  return { summary: "there is none", counts: {}, findings: [] };
}

function describeJournal({ segments, entries, first, last, bytes, tornBytes, damages }: JournalCheck): Outcome {
  const torn =
    tornBytes === 0
      ? ""
      : `; ${tornBytes} octets of an unfinished write at the end, which the next start cuts: nobody was told of it`;
  const span = last === 0 ? "" : ` (positions ${first} to ${last})`;
  return {
    summary: `${counted(entries, "entry", "entries")}${span} in ${counted(segments, "segment")}${torn}`,
    counts: { segments, entries, first, last, bytes, tornBytes },
    findings: damages.map(({ path, offset, what, first, last }) => ({
      file: path,
      place: `offset ${offset}`,
      what: `${what}${first === undefined ? "" : `; lost: entries ${first} to ${last ?? "an unknown one"}`}`,
      remedy: `${RESTORE}, or run "opentrail verify --set-aside" to go on without what is damaged`,
    })),
  };
}

/** No reader and no trail ahead of the journal, no day beyond it, and nothing between what history has and what the journal holds. */
function comparePositions(
  dataDir: string,
  journal: JournalCheck | undefined,
  history: HistoryCheck | undefined,
  newestOfTrails: { readonly changed: number; readonly sent: number },
): Outcome {
  if (journal === undefined || history === undefined) return { summary: "nothing to compare", counts: {}, findings: [] };
  const findings: Finding[] = [];
  const file = join(dataDir, "history");
  const { position, applied } = history;
  const newest = Math.max(position, applied);
  if (newest > journal.last) {
    const what = `event history stands at position ${newest}, but the journal ends at ${journal.last}: one of the two was restored or removed alone`;
    const remedy = `${RESTORE}; or run "opentrail verify --set-aside" to have the journal go on behind that position`;
    findings.push({ file, what, remedy });
  }
  const { changed, sent } = newestOfTrails;
  for (const [name, stands, at] of [
    ["trails.sqlite", "a trail was changed", changed],
    ["delivery.sqlite", "delivery stands", sent],
  ] as const) {
    if (at <= journal.last) continue;
    const what = `${stands} at position ${at}, but the journal ends at ${journal.last}: one of the two was restored or removed alone`;
    const remedy = `${RESTORE}; or run "opentrail verify --set-aside" to have the journal go on behind that position`;
    findings.push({ file: join(dataDir, name), what, remedy });
  }
  if (position > 0 && journal.first > position + 1) {
    const what = `event history stands at position ${position}, but the journal begins at ${journal.first}: what lay between was never in history`;
    findings.push({ file, what, remedy: `${RESTORE}; without it, event history goes on and leaves these events out` });
  }
  return {
    summary: `journal ${journal.last}, history ${position}`,
    counts: { journal: journal.last, history: position },
    findings,
  };
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
