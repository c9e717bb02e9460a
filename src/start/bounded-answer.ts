import type { Readable } from "node:stream";

/** More than any answer to what trails ask: the longest are a bucket's policy, of 20 KiB, and its ACL, of a hundred grants. */
const MOST_OCTETS = 128 * 1024;

/**
 * Gathers the body of an answer for an AWS client, and breaks off one that is longer than any should be: clients would gather it
 * without end, and what they say of errors is logged.
 */
export async function boundedAnswer(body: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of body) {
    const bytes = chunk as Uint8Array;
    octets += bytes.length;
    if (octets > MOST_OCTETS) throw new Error(`the destination's answer is longer than ${MOST_OCTETS} octets`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, octets);
}
