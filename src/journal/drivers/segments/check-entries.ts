import type { JournalEntry } from "../../journal.ts";

const HEAD_BYTES = 64 * 1024;
const BODY_BYTES = 16 * 1024 * 1024;
/** One append is one block, which is written, checked and kept in memory whole. */
const APPEND_BYTES = 64 * 1024 * 1024;
const APPEND_ENTRIES = 100_000;

/** Throws `RangeError` for what the contract does not allow. */
export function checkEntries(entries: readonly JournalEntry[]): void {
  if (entries.length < 1 || entries.length > APPEND_ENTRIES) {
    throw new RangeError(`an append has 1 to ${APPEND_ENTRIES} entries, not ${entries.length}`);
  }
  let bytes = 0;
  for (const { head, body } of entries) {
    if (head.length >= HEAD_BYTES) throw new RangeError(`an entry's head is below ${HEAD_BYTES} bytes, not ${head.length}`);
    if (body.length > BODY_BYTES) throw new RangeError(`an entry's body has at most ${BODY_BYTES} bytes, not ${body.length}`);
    bytes += head.length + body.length;
  }
  if (bytes > APPEND_BYTES) throw new RangeError(`an append has at most ${APPEND_BYTES} bytes, not ${bytes}`);
}
