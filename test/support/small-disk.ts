import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, statfsSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of its own, in memory, that can be filled up. */
export interface SmallDisk {
  readonly path: string;
  /** Leaves so many octets free, by a file that takes the rest. */
  leave(octets: number): void;
  /** Takes that file away. */
  empty(): void;
  remove(): void;
}

/** Undefined where this user may not mount one. */
export function mountSmallDisk(octets: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), "opentrail-disk-"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${octets}`, "tmpfs", path]).status !== 0) {
    rmSync(path, { recursive: true });
    return undefined;
  }
  const filler = join(path, "filler");
  return {
    path,
    leave(left) {
      const { bavail, bsize } = statfsSync(path);
      const size = (statSync(filler, { throwIfNoEntry: false })?.size ?? 0) + bavail * bsize - left;
      try {
        appendFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - left)));
      } catch {
        // Somebody else was quicker: it is full all the same.
      }
      if (left > 0) truncateSync(filler, Math.max(0, size));
    },
    empty: () => rmSync(filler, { force: true }),
    remove() {
      spawnSync("umount", ["-l", path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
