import { join } from "node:path";
import type { Position } from "../../journal.ts";
import { DirectoryLock } from "./directory-lock.ts";
import { diskFiles } from "./disk-files.ts";
import { segmentFileName } from "./layout.ts";
import { listSegments } from "./list-segments.ts";
import { isDamage, type SegmentDamage, surveySegment } from "./survey-segment.ts";

export interface JournalCheck {
  readonly segments: number;
  readonly bytes: number;
  /** Entries that can be read. */
  readonly entries: number;
  /** Oldest and newest position accounted for; both 0 where there is none. */
  readonly first: Position;
  readonly last: Position;
  /** Bytes of an unfinished block at the end, which the next start will cut; nobody was told that it was recorded. */
  readonly tornBytes: number;
  readonly damages: readonly JournalDamage[];
}

export interface JournalDamage extends SegmentDamage {
  readonly path: string;
}

export interface VerifyJournalOptions {
  readonly directory: string;
  /** Called with the bytes read so far, and those there are. */
  readonly progress?: (done: number, of: number) => void;
}

/**
 * Reads every block of a journal that nobody has open: checksums, decoding, positions without gaps, and what the end looks
 * like. Changes nothing. Throws `JournalUnavailable` where a process has the journal open, and the file system's errors.
 */
export async function verifyJournal(options: VerifyJournalOptions): Promise<JournalCheck> {
  const { directory, progress } = options;
  const lock = DirectoryLock.take(directory);
  try {
    const names = await listSegments(diskFiles, directory);
    const paths = names.map(({ base, form }) => join(directory, segmentFileName(base, form)));
    const sizes = await Promise.all(paths.map((path) => diskFiles.size(path)));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const damages: JournalDamage[] = [];
    let [done, entries, tornBytes, last] = [0, 0, 0, 0];
    for (const [i, name] of names.entries()) {
      const [path = "", size = 0, next] = [paths[i], sizes[i], names[i + 1]?.base];
      const survey = await surveySegment(await diskFiles.read(path, 0, size), path, name, next);
      for (const part of survey.parts) {
        if (isDamage(part)) damages.push({ path, ...part });
        else entries += part.count;
      }
      tornBytes += survey.tornBytes;
      last = survey.last;
      done += size;
      progress?.(done, bytes);
    }
    return { segments: names.length, bytes, entries, first: last === 0 ? 0 : (names[0]?.base ?? 0), last, tornBytes, damages };
  } finally {
    lock.release();
  }
}
