import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of a few megabytes that can be filled and freed. */
export class SmallDisk {
  readonly directory: string;
  readonly #ballast: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.#ballast = join(directory, "ballast");
  }

  /** Undefined where mounting is not allowed, in a container without privileges for example. */
  static mount(megabytes: number): SmallDisk | undefined {
    const directory = mkdtempSync(join(tmpdir(), "opentrail-disk-"));
    const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "opentrail-test", directory], {
      encoding: "utf8",
    });
    if (status === 0) return new SmallDisk(directory);
    process.stderr.write(`no small disk, limits on file sizes stand in for it: ${(stderr ?? "").trim()}\n`);
    rmSync(directory, { recursive: true, force: true });
    return undefined;
  }

  /** Takes all the room there is. */
  fill(): void {
    const file = openSync(this.#ballast, "a");
    try {
      for (let piece = 1024 * 1024; piece >= 1; piece = Math.floor(piece / 2)) {
        try {
          const bytes = Buffer.alloc(piece, 1);
          while (writeSync(file, bytes) > 0);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        }
      }
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  unmount(): void {
    const { status, stderr } = spawnSync("umount", ["-l", this.directory], { encoding: "utf8" });
    if (status !== 0) throw new Error(`umount failed: ${stderr}`);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
