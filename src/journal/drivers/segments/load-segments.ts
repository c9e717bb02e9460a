import { dirname, join } from "node:path";
import type { Logger } from "../../../base/logger.ts";
import type { Position } from "../../journal.ts";
import type { DiskFiles } from "./disk-files.ts";
import { isUnfinished, segmentFileName } from "./layout.ts";
import { listSegments } from "./list-segments.ts";
import { scanSegment } from "./scan-segment.ts";
import type { Segment } from "./segment.ts";
import type { SegmentList } from "./segment-list.ts";

/**
 * Checks every block in a journal directory, fills `list`, and answers the segment to go on writing: undefined where a new one
 * is to be begun. Cuts (and logs) a torn tail, throws `JournalCorrupt` at any other damage.
 */
export async function loadSegments(
  files: DiskFiles,
  directory: string,
  list: SegmentList,
  logger: Logger,
): Promise<Segment | undefined> {
  await removeUnfinished(files, directory);
  const names = await listSegments(files, directory);
  let resumable: Segment | undefined;
  for (const [i, name] of names.entries()) {
    const next = names[i + 1];
    const path = join(directory, segmentFileName(name.base, name.form));
    // A process that died may have left blocks that are only in memory yet. Nobody may read them before they are durable.
    const synced = next !== undefined || (await sync(files, path, logger));
    const bytes = await files.read(path, 0, await files.size(path));
    const last: Position | undefined = next === undefined ? undefined : next.base - 1;
    const { segment, tornBytes } = scanSegment(bytes, path, name, last);
    if (!synced) {
      await rewrite(files, segment, bytes);
    } else if (tornBytes > 0) {
      await cut(files, segment, logger);
      logger.warn(
        { path, offset: segment.end, bytes: tornBytes },
        "journal: cut the unfinished last block, which was never acknowledged",
      );
    } else if (next === undefined && name.form === "segment") {
      resumable = segment;
    }
    list.add(segment);
  }
  for (const { base, form } of names) {
    // Sealing was interrupted before it removed the raw form.
    if (form === "sealed") await files.remove(join(directory, segmentFileName(base, "segment")));
  }
  await files.syncDirectory(directory);
  return resumable;
}

async function sync(files: DiskFiles, path: string, logger: Logger): Promise<boolean> {
  try {
    await files.sync(path);
    return true;
  } catch (error) {
    logger.warn({ err: error, path }, "journal: the newest segment could not be synced; it is written anew");
    return false;
  }
}

/** What is whole of a segment, in a new file: that of a failed sync may never be durable, whatever later ones say. */
async function rewrite(files: DiskFiles, segment: Segment, bytes: Buffer): Promise<void> {
  const draft = `${segment.path}.tmp`;
  async function* parts(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, segment.end);
  }
  await files.write(draft, parts());
  await files.rename(draft, segment.path);
  await files.syncDirectory(dirname(segment.path));
  segment.cut();
}

/** Gives back the space behind the last whole block. Nobody writes there again, and the next segment says where this one ends. */
async function cut(files: DiskFiles, segment: Segment, logger: Logger): Promise<void> {
  try {
    await files.truncate(segment.path, segment.end);
    segment.cut();
  } catch (error) {
    logger.warn({ err: error, path: segment.path }, "journal: could not shorten a segment; what is behind its end is left out");
  }
}

async function removeUnfinished(files: DiskFiles, directory: string): Promise<void> {
  for (const file of await files.list(directory)) if (isUnfinished(file)) await files.remove(join(directory, file));
}
