/** A CBOR map of texts (RFC 8949): all that an error needs. */
export function encodeCborTexts(entries: readonly (readonly [name: string, text: string])[]): Uint8Array {
  const parts = [head(5, entries.length)];
  for (const [name, text] of entries) parts.push(textItem(name), textItem(text));
  return Uint8Array.from(Buffer.concat(parts));
}

function textItem(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return Buffer.concat([head(3, bytes.length), bytes]);
}

/** Initial byte with its argument, in the shortest form; up to 32 bits. */
function head(major: number, argument: number): Uint8Array {
  const high = major << 5;
  if (argument < 24) return Uint8Array.of(high | argument);
  if (argument < 0x100) return Uint8Array.of(high | 24, argument);
  if (argument < 0x1_0000) return Uint8Array.of(high | 25, argument >> 8, argument & 0xff);
  const bytes = new DataView(new ArrayBuffer(5));
  bytes.setUint8(0, high | 26);
  bytes.setUint32(1, argument);
  return new Uint8Array(bytes.buffer);
}
