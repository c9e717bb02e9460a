import { readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** libfaketime's library for programs with threads; undefined where it is not installed. With `OPENTRAIL_PEERS=required` it must be. */
export function fakeTimeLibrary(): string | undefined {
  for (const root of ["/usr/lib", "/usr/lib64", "/usr/local/lib"]) {
    for (const directory of [root, ...subdirectories(root)]) {
      const found = subdirectories(directory).includes(join(directory, "faketime"))
        ? filesOf(join(directory, "faketime")).find((path) => path.endsWith("libfaketimeMT.so.1"))
        : undefined;
      if (found !== undefined) return found;
    }
  }
  const hint = "libfaketime is not installed; on Debian it is the package faketime";
  if (process.env["OPENTRAIL_PEERS"] === "required") throw new Error(hint);
  process.stderr.write(`skipped: ${hint}\n`);
  return undefined;
}

function filesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}

function subdirectories(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(directory, name));
  } catch {
    return [];
  }
}

/** A wall clock that can be set while programs run. Their monotonic clock goes on, as a machine's does. */
export class FakeClock {
  readonly #file: string;
  readonly environment: Readonly<Record<string, string>>;

  constructor(library: string, directory: string) {
    this.#file = join(directory, "clock");
    this.environment = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
      // File times stay the system's.
      NO_FAKE_STAT: "1",
    };
    this.set(0);
  }

  /** @param seconds ahead of the true time; negative: behind it. */
  set(seconds: number): void {
    // Never half a file for whoever reads it now.
    writeFileSync(`${this.#file}.new`, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}
