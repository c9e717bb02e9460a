import type { StoredEntry } from "../../journal/journal.ts";

/** A row for each entry, behind the number of rows: position, whether it is an event, octets of head and of body. */
const ROW = 4;

/** Rounded up to whole steps, so that one buffer serves batches of about the same size. */
const STEP = 1024 * 1024;

/**
 * A batch of the journal in the form in which it goes from thread to thread. This costs the thread that answers calls one
 * copy of the octets, and nothing is parsed. Of what is no event only the position goes along. `spare` is filled again where
 * it is large enough.
 */
export function packBatch(batch: readonly StoredEntry[], spare: ArrayBuffer | undefined): ArrayBuffer {
  const table = 8 * (1 + batch.length * ROW);
  let octets = table;
  for (const { kind, head, body } of batch) if (kind === "event") octets += head.length + body.length;
  const buffer = spare !== undefined && spare.byteLength >= octets ? spare : new ArrayBuffer(Math.ceil(octets / STEP) * STEP);
  const rows = new Float64Array(buffer, 0, 1 + batch.length * ROW);
  const bytes = new Uint8Array(buffer);
  rows[0] = batch.length;
  let at = table;
  let row = 1;
  for (const { kind, position, head, body } of batch) {
    const isEvent = kind === "event";
    rows[row] = position;
    rows[row + 1] = Number(isEvent);
    rows[row + 2] = isEvent ? head.length : 0;
    rows[row + 3] = isEvent ? body.length : 0;
    row += ROW;
    if (!isEvent) continue;
    bytes.set(head, at);
    bytes.set(body, at + head.length);
    at += head.length + body.length;
  }
  return buffer;
}

/** The entries as parts of the buffer: good for as long as it is not filled again. */
export function unpackBatch(buffer: ArrayBuffer): readonly StoredEntry[] {
  const [count = 0] = new Float64Array(buffer, 0, 1);
  const rows = new Float64Array(buffer, 8, count * ROW);
  let at = 8 * (1 + count * ROW);
  return Array.from({ length: count }, (_, entry) => {
    const [position = 0, isEvent, headLength = 0, bodyLength = 0] = rows.subarray(entry * ROW, (entry + 1) * ROW);
    const head = new Uint8Array(buffer, at, headLength);
    const body = new Uint8Array(buffer, at + headLength, bodyLength);
    at += headLength + bodyLength;
    return { position, kind: isEvent === 1 ? "event" : "intent", head, body };
  });
}
