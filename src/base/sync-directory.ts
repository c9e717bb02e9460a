import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Makes the names in a directory durable: a file that was made, renamed or removed in it survives a power cut only then. */
export function syncDirectory(path: string): void {
  // Windows cannot open a directory; there, names are durable with the file system's own journal.
  if (process.platform === "win32") return;
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } catch (error) {
    // It does not say by itself what could not be synced.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a directory for its owner alone, and what lacks above it; durable when it returns. */
export function makeDirectory(path: string): void {
  const topmost = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (topmost === undefined) return;
  for (let made = resolve(path); ; made = dirname(made)) {
    syncDirectory(dirname(made));
    if (made === resolve(topmost)) return;
  }
}
