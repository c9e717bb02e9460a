import { appendFile, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LostEntries } from "../../journal.ts";
import { DAMAGED_DIRECTORY } from "./layout.ts";
import { readLostEntries } from "./lost-entries.ts";

/** Newest lines of the record that are shown; it grows by what people do by hand. */
const SHOWN = 100;

/** What is lost for good, as the record beside the files that were set aside says it; oldest first, nothing where there is none. */
export async function readDamageRecord(directory: string): Promise<readonly LostEntries[]> {
  const text = await readFile(recordPath(directory), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const ranges = new Map<string, LostEntries>();
  for (const line of text.split("\n").slice(-SHOWN)) {
    const lost = readLostEntries(line);
    // An attempt that was interrupted said the same.
    if (lost !== undefined) ranges.set(`${lost.first}-${lost.last}`, lost);
  }
  return [...ranges.values()];
}

/** Durable when it resolves; the name of a file that is made by it is not. */
export async function addToDamageRecord(directory: string, lost: readonly LostEntries[]): Promise<void> {
  const path = recordPath(directory);
  await appendFile(path, lost.map((range) => `${JSON.stringify(range)}\n`).join(""), { mode: 0o600 });
  await using file = await open(path, "r+");
  await file.sync();
}

function recordPath(directory: string): string {
  return join(directory, DAMAGED_DIRECTORY, "lost.jsonl");
}
