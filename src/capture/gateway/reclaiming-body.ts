import type { Readable } from "node:stream";

/** A body whose memory is used again as soon as its reader is done with it, rather than when it is collected. */
export interface ReclaimingBody extends Readable {
  /**
   * To be called by the one who reads the stream, for a chunk as it came, when nobody will look at its octets again: they may be
   * others from here on. A chunk of which it is never called is left to the collector.
   */
  spent(chunk: Uint8Array): void;
}

export function isReclaiming(body: Readable | Uint8Array | undefined): body is ReclaimingBody {
  return body !== undefined && "spent" in body;
}
