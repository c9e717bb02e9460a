import type { EntryKind, JournalEntry } from "../../journal/journal.ts";

const KINDS: readonly EntryKind[] = ["event", "intent", "settled", "lost"];
/** Kind (1), octets of the head (4), octets of the body (4). */
const HEAD_BYTES = 9;

/** Entries as they travel between processes: the parts to be sent one behind the other. */
export function entryParts(entries: readonly JournalEntry[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (const { kind, head, body } of entries) {
    const lengths = Buffer.allocUnsafe(HEAD_BYTES);
    lengths.writeUInt8(KINDS.indexOf(kind), 0);
    lengths.writeUInt32LE(head.length, 1);
    lengths.writeUInt32LE(body.length, 5);
    parts.push(lengths, head, body);
  }
  return parts;
}

/** The entries in `bytes`, which they share. Throws `RangeError` for what `entryParts` did not make. */
export function entriesIn(bytes: Buffer): JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    const kind = KINDS[bytes.readUInt8(at)];
    const bodyAt = at + HEAD_BYTES + bytes.readUInt32LE(at + 1);
    const end = bodyAt + bytes.readUInt32LE(at + 5);
    if (kind === undefined || end > bytes.length) throw new RangeError("these are no entries");
    entries.push({ kind, head: bytes.subarray(at + HEAD_BYTES, bodyAt), body: bytes.subarray(bodyAt, end) });
    at = end;
  }
  return entries;
}
