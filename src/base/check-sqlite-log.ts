import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";

/** Where a database's log is broken, and with it what was committed behind that place. */
export interface BrokenLog {
  /** The log's. */
  readonly file: string;
  /** Octets from the log's beginning: SQLite takes nothing from here on. */
  readonly offset: number;
  /** For people. */
  readonly what: string;
}

/** "WAL Format" in SQLite's "Database File Format": octets of the log's header, and of the one before each page. */
const HEADER = 32;
const FRAME_HEADER = 24;
/** The first two words of a log, whatever the order of the octets in its checksums. */
const MAGIC = 0x377f_0682;
const FORMAT = 3_007_000;

/** So many zeros at a frame's end: its end was never written. */
const UNWRITTEN = 16;

type Sums = readonly [number, number];

interface LogHeader {
  readonly pageSize: number;
  readonly littleEndian: boolean;
  readonly salts: Buffer;
  readonly sums: Sums;
}

/**
 * SQLite ends a log at the first frame whose checksum fails and says nothing: there ends what was being written when a program
 * or a machine stopped. But a commit that stands behind that place was written later than it: something has changed it since, and
 * committed transactions are missing. To be called before SQLite opens `database`, which empties its log sooner or later.
 * Undefined for a log that is whole, unfinished at its end, empty or absent. Throws what reading a file throws.
 *
 * The last frame of the file has nothing behind it. A write that a program's end cuts short ends the file, or leaves what was there
 * before; so the file's last frame is damaged if it is there in full, has its commit, and does not end in zeros.
 *
 * What it cannot tell: where the log does not reach the end of its file, damage to its last frame looks like an unfinished write.
 * And a power cut may make the end of a transaction durable before its beginning, which looks like damage of that one commit.
 */
export function checkSqliteLog(database: string): BrokenLog | undefined {
  const file = `${database}-wal`;
  if (!existsSync(file)) return undefined;
  const descriptor = openSync(file, "r");
  try {
    const { size } = fstatSync(descriptor);
    // A header without a frame holds nothing.
    if (size <= HEADER) return undefined;
    const head = readHeader(read(descriptor, 0, HEADER));
    if (head !== undefined) return brokenFrame(descriptor, size, file, head);
    // The header is durable before the first frame is written.
    if (isBlank(descriptor, size)) return undefined;
    return { file, offset: 0, what: "the log's header is broken, so nothing of the log is used" };
  } finally {
    closeSync(descriptor);
  }
}

function readHeader(octets: Buffer): LogHeader | undefined {
  const magic = octets.readUInt32BE(0);
  const pageSize = octets.readUInt32BE(8);
  const isPageSize = pageSize >= 512 && pageSize <= 65_536 && (pageSize & (pageSize - 1)) === 0;
  if ((magic & ~1) >>> 0 !== MAGIC || octets.readUInt32BE(4) !== FORMAT || !isPageSize) return undefined;
  const littleEndian = (magic & 1) === 0;
  const sums = added([0, 0], octets.subarray(0, 24), littleEndian);
  if (!isSame(sums, storedSums(octets, 24))) return undefined;
  return { pageSize, littleEndian, salts: octets.subarray(16, 24), sums };
}

function brokenFrame(descriptor: number, size: number, file: string, head: LogHeader): BrokenLog | undefined {
  const { littleEndian, salts } = head;
  const length = FRAME_HEADER + head.pageSize;
  let broken: number | undefined;
  let lost = 0;
  let isLastCut = true;
  // What the frame before says its sums are, and what they are.
  let [stored, computed] = [head.sums, head.sums];
  for (let offset = HEADER; offset + length <= size; offset += length) {
    const frame = read(descriptor, offset, length);
    const isOfThisLog = frame.subarray(8, 16).equals(salts);
    const own = storedSums(frame, 16);
    const follows = (before: Sums): Sums => {
      return added(added(before, frame.subarray(0, 8), littleEndian), frame.subarray(FRAME_HEADER), littleEndian);
    };
    const fromStored = follows(stored);
    const fromComputed = stored === computed ? fromStored : follows(computed);
    const isWhole = isSame(own, fromStored) || isSame(own, fromComputed);
    const isCommit = isOfThisLog && frame.readUInt32BE(4) !== 0;
    if (broken === undefined && !(isOfThisLog && isWhole)) {
      broken = offset;
      isLastCut = offset + length !== size || !isCommit || frame.subarray(-UNWRITTEN).every((octet) => octet === 0);
    }
    // A frame that was never committed may be left over from a write that was given up: only its commit makes it count.
    else if (broken !== undefined && isWhole && isCommit) lost++;
    [stored, computed] = broken === undefined ? [own, own] : [own, fromComputed];
  }
  if (broken === undefined || (lost === 0 && isLastCut)) return undefined;
  if (lost === 0) {
    const what =
      "the last page of the log is broken: SQLite leaves its commit out, unless the power failed while it was being written";
    return { file, offset: broken, what };
  }
  const behind = lost === 1 ? "a commit stands" : `${lost} commits stand`;
  const cut = lost === 1 ? ", unless the power failed while just that one was being written" : "";
  return { file, offset: broken, what: `a page of the log is broken and ${behind} behind it: SQLite leaves them out${cut}` };
}

/** @returns `sums` after octets, a multiple of 8. */
function added([first, second]: Sums, octets: Buffer, littleEndian: boolean): Sums {
  let [one, two] = [first, second];
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  for (let at = 0; at < octets.length; at += 8) {
    one = (one + view.getUint32(at, littleEndian) + two) >>> 0;
    two = (two + view.getUint32(at + 4, littleEndian) + one) >>> 0;
  }
  return [one, two];
}

function storedSums(octets: Buffer, at: number): Sums {
  return [octets.readUInt32BE(at), octets.readUInt32BE(at + 4)];
}

function isSame(a: Sums, b: Sums): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

function isBlank(descriptor: number, size: number): boolean {
  const step = 65_536;
  for (let offset = 0; offset < size; offset += step) {
    if (read(descriptor, offset, Math.min(step, size - offset)).some((octet) => octet !== 0)) return false;
  }
  return true;
}

/** Fewer octets where the file has become shorter; the rest is zeros. */
function read(descriptor: number, offset: number, length: number): Buffer {
  const octets = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const count = readSync(descriptor, octets, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return octets;
}
