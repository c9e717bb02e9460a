import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { LogWindow } from "./log-window.ts";

/** A log file, ready to be sent. */
export interface CompressedLog {
  /** One gzip member: readers of digests look at the first alone. */
  readonly body: Buffer;
  /** SHA-256 of the content before compression, lower-case hex. */
  readonly hash: string;
  /** `eventTime` of the oldest and the newest event, epoch seconds. */
  readonly oldest: number;
  readonly newest: number;
  readonly events: number;
}

const compress = promisify(gzip);
/** Octets that come back from the thread at a time: small ones would make the event loop's share larger than the thread's. */
const CHUNK = { least: 4 * 1024, most: 1024 * 1024 } as const;

/** Works beside the event loop. The same records give the same octets each time. */
export async function compressLog(window: LogWindow): Promise<CompressedLog> {
  const content = window.content();
  // Records are much alike: an eighth is what is left of them.
  const chunkSize = Math.min(Math.max(content.length >> 3, CHUNK.least), CHUNK.most);
  const [body, digest] = await Promise.all([compress(content, { chunkSize }), crypto.subtle.digest("SHA-256", content)]);
  const { oldest, newest, events } = window;
  return { body, hash: Buffer.from(digest).toString("hex"), oldest, newest, events };
}
