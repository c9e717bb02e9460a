import { randomBytes } from "node:crypto";
import { copyFile, link } from "node:fs/promises";
import { basename, join } from "node:path";
import { makeDirectory } from "../../../base/sync-directory.ts";
import type { LostEntries, Position } from "../../journal.ts";
import { SALT_BYTES, encodeBlock } from "./block.ts";
import { addToDamageRecord } from "./damage-record.ts";
import { DirectoryLock } from "./directory-lock.ts";
import { diskFiles } from "./disk-files.ts";
import { DAMAGED_DIRECTORY, segmentFileName } from "./layout.ts";
import { listSegments } from "./list-segments.ts";
import { encodeLostBlock } from "./lost-entries.ts";
import { encodeSegmentHeader } from "./segment-header.ts";
import { isDamage, type SegmentSurvey, surveySegment } from "./survey-segment.ts";

export interface SetAsideOptions {
  readonly directory: string;
  /** Newest position that anything made of this journal has seen; what is lost at the end reaches up to it at least. */
  readonly seen: Position;
  /** ISO 8601. */
  readonly now: string;
}

/** A damaged file that was replaced by what can be read of it. */
export interface SetAside {
  readonly path: string;
  readonly movedTo: string;
  readonly lost: readonly LostEntries[];
}

/**
 * Lets a journal that nobody has open go on without what is damaged. Each damaged segment is kept below `damaged/` as it
 * is, and a file with all that is readable takes its place, in which a lost block stands for what is not. No position
 * is ever given to another entry. After a crash in between it is to be done again. Throws like `verifyJournal`.
 */
export async function setAsideDamage({ directory, seen, now }: SetAsideOptions): Promise<readonly SetAside[]> {
  const lock = DirectoryLock.take(directory);
  try {
    const done: SetAside[] = [];
    const names = await listSegments(diskFiles, directory);
    for (const [i, name] of names.entries()) {
      const next = names[i + 1]?.base;
      const path = join(directory, segmentFileName(name.base, name.form));
      const bytes = await diskFiles.read(path, 0, await diskFiles.size(path));
      const survey = withUnwritten(await surveySegment(bytes, path, name, next), next === undefined ? seen : 0);
      if (!survey.parts.some(isDamage)) continue;
      const salt = survey.salt ?? randomBytes(SALT_BYTES);
      const pieces: Buffer[] = [encodeSegmentHeader(salt)];
      const lost = lostOf(survey, path, seen, now);
      for (const part of survey.parts) {
        if (!isDamage(part)) pieces.push(bytes.subarray(part.offset, part.offset + part.bytes));
        const range = lost.get(part);
        if (range !== undefined) pieces.push(encodeLostBlock(range, salt));
      }
      const ranges = [...lost.values()];
      const end = Math.max(survey.last, ...ranges.map((range) => range.last));
      // What can be read is whole: whoever damages it later must not pass for a crash.
      if (next === undefined && name.form === "segment") pieces.push(encodeBlock([], end + 1, salt));
      const movedTo = await keep(directory, path, now);
      await addToDamageRecord(directory, ranges);
      await replace(directory, path, pieces);
      done.push({ path, movedTo, lost: ranges });
    }
    return done;
  } finally {
    lock.release();
  }
}

/** What was seen behind the end of the newest segment was there once, whatever has become of it. */
function withUnwritten(survey: SegmentSurvey, seen: Position): SegmentSurvey {
  if (survey.last >= seen || survey.parts.some((part) => isDamage(part) && part.first !== undefined && part.last === undefined))
    return survey;
  const newest = survey.parts.findLast((part) => !isDamage(part));
  const offset = newest === undefined || isDamage(newest) ? 0 : newest.offset + newest.bytes;
  const gone = { offset, what: "entries that were read are not there any more", first: survey.last + 1, last: seen };
  return { ...survey, parts: [...survey.parts, gone] };
}

function lostOf(survey: SegmentSurvey, path: string, seen: Position, now: string): ReadonlyMap<object, LostEntries> {
  const lost = new Map<object, LostEntries>();
  for (const part of survey.parts) {
    if (!isDamage(part) || part.first === undefined) continue;
    const last = part.last ?? Math.max(part.first, seen);
    lost.set(part, { first: part.first, last, reason: `${path}, offset ${part.offset}: ${part.what}`, setAsideAt: now });
  }
  return lost;
}

/** Another name for the damaged file, or a copy where the file system has no links. */
async function keep(directory: string, path: string, now: string): Promise<string> {
  const kept = join(directory, DAMAGED_DIRECTORY);
  makeDirectory(kept);
  const target = join(kept, `${basename(path)}.${now.replaceAll(/[-:]/g, "")}`);
  await diskFiles.remove(target);
  await link(path, target).catch(async () => {
    await copyFile(path, target);
    await diskFiles.sync(target);
  });
  await diskFiles.syncDirectory(kept);
  return target;
}

async function replace(directory: string, path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const draft = `${path}.tmp`;
  await diskFiles.remove(draft);
  async function* parts(): AsyncGenerator<Uint8Array> {
    yield* pieces;
  }
  await diskFiles.write(draft, parts());
  await diskFiles.rename(draft, path);
  await diskFiles.syncDirectory(join(directory, DAMAGED_DIRECTORY));
  await diskFiles.syncDirectory(directory);
}
