import { join } from "node:path";
import type { Logger } from "../../../base/logger.ts";
import type { Position } from "../../journal.ts";
import type { DiskFiles } from "./disk-files.ts";
import { type SegmentName, isUnfinished, parseSegmentFileName, segmentFileName } from "./layout.ts";
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
  const names = await segmentNames(files, directory);
  let resumable: Segment | undefined;
  for (const [i, name] of names.entries()) {
    const next = names[i + 1];
    const path = join(directory, segmentFileName(name.base, name.form));
    // A process that died may have left blocks that are only in memory yet. Nobody may read them before they are durable.
    if (next === undefined) await files.sync(path);
    const bytes = await files.read(path, 0, await files.size(path));
    const last: Position | undefined = next === undefined ? undefined : next.base - 1;
    const { segment, tornBytes } = scanSegment(bytes, path, name, last);
    if (tornBytes > 0) {
      await files.truncate(path, segment.end);
      segment.cut();
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

/** Segment names, oldest first, one for each base; removes what a crash left unfinished. */
async function segmentNames(files: DiskFiles, directory: string): Promise<readonly SegmentName[]> {
  const byBase = new Map<Position, SegmentName>();
  for (const file of await files.list(directory)) {
    if (isUnfinished(file)) await files.remove(join(directory, file));
    const name = parseSegmentFileName(file);
    if (name === undefined) continue;
    const other = byBase.get(name.base);
    // The sealed form got its name when it was complete; the raw one was about to be removed.
    if (other === undefined || name.form === "sealed") byBase.set(name.base, name);
  }
  return [...byBase.values()].sort((a, b) => a.base - b.base);
}
