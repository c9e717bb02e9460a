import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, zstdDecompressSync } from "node:zlib";

/** What stands in the journal's files, read by their description and by nothing else. */
export interface FileEntry {
  readonly position: number;
  /** `settled`: an intent whose call left no event. */
  readonly kind: "event" | "intent" | "settled";
  readonly head: Buffer;
  readonly body: Buffer;
  readonly file: string;
  /** Of its block. */
  readonly offset: number;
}

export interface FileBlock {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  readonly entries: readonly FileEntry[];
}

const FILE_HEADER = 32;
const BLOCK_HEADER = 48;
const ROW = 9;
const MAGIC = 0x424a544f;
const ZSTD = 1;
/** Stands for entries that were damaged and set aside. */
const LOST = 2;
const KINDS = [undefined, "event", "intent", "settled"] as const;

/** The whole blocks of a data directory's journal, in order; each file as far as it is whole. */
export function journalBlocks(dataDir: string): readonly FileBlock[] {
  const directory = join(dataDir, "journal");
  const names = readdirSync(directory).filter((name) => /^\d{20}\.(segment|sealed)$/.test(name));
  const sealed = new Set(names.filter((name) => name.endsWith(".sealed")).map((name) => name.slice(0, 20)));
  return names
    .filter((name) => name.endsWith(".sealed") || !sealed.has(name.slice(0, 20)))
    .sort()
    .flatMap((name, at, sorted) => {
      const file = join(directory, name);
      // What a file holds from the next one's first position on was never acknowledged.
      const end = Number(sorted[at + 1]?.slice(0, 20) ?? Infinity);
      return [...blocksOf(readFileSync(file), FILE_HEADER, file)].filter(({ entries }) => (entries[0]?.position ?? 0) < end);
    });
}

export function journalEntries(dataDir: string): readonly FileEntry[] {
  return journalBlocks(dataDir).flatMap(({ entries }) => entries);
}

function* blocksOf(bytes: Buffer, from: number, file: string): Generator<FileBlock> {
  let at = from;
  while (at + BLOCK_HEADER <= bytes.length && bytes.readUInt32LE(at) === MAGIC) {
    if (crc32(bytes.subarray(at + 8, at + BLOCK_HEADER)) !== bytes.readUInt32LE(at + 4)) return;
    const size = bytes.readUInt32LE(at + 20);
    const payload = bytes.subarray(at + BLOCK_HEADER, at + BLOCK_HEADER + size);
    if (payload.length < size || crc32(payload) !== bytes.readUInt32LE(at + 28)) return;
    const offset = at;
    const codec = bytes[at + 40];
    const entries =
      codec === LOST
        ? []
        : codec === ZSTD
          ? [...blocksOf(zstdDecompressSync(payload), 0, file)].flatMap((block) =>
              block.entries.map((entry) => ({ ...entry, offset })),
            )
          : entriesOf(payload, bytes.readUIntLE(at + 8, 6), bytes.readUInt32LE(at + 16), file, offset);
    yield { file, offset, bytes: BLOCK_HEADER + size, entries };
    at += BLOCK_HEADER + size;
  }
}

function entriesOf(payload: Buffer, first: number, count: number, file: string, offset: number): FileEntry[] {
  const entries: FileEntry[] = [];
  let at = count * ROW;
  for (let i = 0; i < count; i++) {
    const row = i * ROW;
    const middle = at + payload.readUInt32LE(row + 1);
    const end = middle + payload.readUInt32LE(row + 5);
    const kind = KINDS[payload[row] ?? 0];
    if (kind === undefined) throw new Error(`${file}, offset ${offset}: entry of kind ${payload[row]}`);
    entries.push({
      position: first + i,
      kind,
      head: payload.subarray(at, middle),
      body: payload.subarray(middle, end),
      file,
      offset,
    });
    at = end;
  }
  return entries;
}
