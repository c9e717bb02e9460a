import { ENTRY_LIMITS, type JournalEntry } from "../../journal.ts";

/** One append is one block, which is written, checked and kept in memory whole. */
const APPEND_BYTES = 64 * 1024 * 1024;
const APPEND_ENTRIES = 100_000;

/** Throws `RangeError` for what the contract does not allow. */
export function checkEntries(entries: readonly JournalEntry[]): void {
  if (entries.length < 1 || entries.length > APPEND_ENTRIES) {
    throw new RangeError(`an append has 1 to ${APPEND_ENTRIES} entries, not ${entries.length}`);
  }
  let bytes = 0;
  for (const { kind, head, body } of entries) {
    if (kind === "lost") throw new RangeError("what is lost cannot be appended");
    if (head.length > ENTRY_LIMITS.head) throw tooLarge("head", head.length);
    if (body.length > ENTRY_LIMITS.body) throw tooLarge("body", body.length);
    bytes += head.length + body.length;
  }
  if (bytes > APPEND_BYTES) throw new RangeError(`an append has at most ${APPEND_BYTES} bytes, not ${bytes}`);
}

function tooLarge(part: keyof typeof ENTRY_LIMITS, bytes: number): RangeError {
  return new RangeError(`an entry's ${part} has at most ${ENTRY_LIMITS[part]} bytes, not ${bytes}`);
}
