import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { type RecordingGap, recordingGapSchema } from "./recording-gap.ts";

/** Octets of the file, taken from the disk while there are some: what it is for happens when the disk is full. */
const FILE_BYTES = 64 * 1024;
const HEAD = /^opentrail-gaps-1 ([0-9a-f]{8}) (\d{1,6})\n/;
const HEAD_BYTES = 40;

/** The gaps that are not told yet, kept where a full disk does not matter, so that they outlive the process. */
export class GapFile {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Makes the file where there is none, if `create` says so; else undefined. */
  static async open(path: string, create: boolean): Promise<GapFile | undefined> {
    try {
      return new GapFile(await open(path, "r+"));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
    if (!create) return undefined;
    const handle = await open(path, "wx+", 0o600);
    await handle.write(Buffer.alloc(FILE_BYTES), 0, FILE_BYTES, 0);
    await handle.sync();
    return new GapFile(handle);
  }

  /** None where the file holds none, or nothing whole. */
  async load(): Promise<readonly RecordingGap[]> {
    const bytes = Buffer.alloc(FILE_BYTES);
    await this.#handle.read(bytes, 0, FILE_BYTES, 0);
    const [head = "", sum, length] = HEAD.exec(bytes.toString("latin1", 0, HEAD_BYTES)) ?? [];
    const text = bytes.subarray(head.length, head.length + Number(length ?? 0));
    if (sum === undefined || sumOf(text) !== sum) return [];
    return z.array(recordingGapSchema).safeParse(JSON.parse(text.toString())).data ?? [];
  }

  /** As many of them as have room. Durable when it resolves. One at a time. */
  async store(gaps: readonly RecordingGap[]): Promise<void> {
    let text = "[";
    let bytes = HEAD_BYTES + 2;
    for (const gap of gaps) {
      const piece = `${text === "[" ? "" : ","}${JSON.stringify(gap)}`;
      bytes += Buffer.byteLength(piece);
      if (bytes > FILE_BYTES) break;
      text += piece;
    }
    const json = Buffer.from(`${text}]`);
    const whole = Buffer.concat([Buffer.from(`opentrail-gaps-1 ${sumOf(json)} ${json.length}\n`), json]);
    await this.#handle.write(whole, 0, whole.length, 0);
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function sumOf(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, "0");
}
