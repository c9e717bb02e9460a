import type { Position } from "../../journal.ts";
import type { DiskFiles } from "./disk-files.ts";
import { type SegmentName, parseSegmentFileName } from "./layout.ts";

/** Names of the segments in a journal directory, oldest first, one for each base. */
export async function listSegments(files: Pick<DiskFiles, "list">, directory: string): Promise<readonly SegmentName[]> {
  const byBase = new Map<Position, SegmentName>();
  for (const file of await files.list(directory)) {
    const name = parseSegmentFileName(file);
    if (name === undefined) continue;
    const other = byBase.get(name.base);
    // The sealed form got its name when it was complete; the raw one was about to be removed.
    if (other === undefined || name.form === "sealed") byBase.set(name.base, name);
  }
  return [...byBase.values()].sort((a, b) => a.base - b.base);
}
