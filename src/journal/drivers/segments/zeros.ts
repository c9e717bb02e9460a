const ZEROS = Buffer.alloc(64 * 1024);

/** Whether all bytes from `from` to `to` are zero; what lies behind the end counts as such. */
export function isZero(bytes: Buffer, from: number, to: number): boolean {
  const end = Math.min(to, bytes.length);
  for (let at = from; at < end; at += ZEROS.length) {
    const length = Math.min(ZEROS.length, end - at);
    if (bytes.compare(ZEROS, 0, length, at, at + length) !== 0) return false;
  }
  return true;
}

/** Offset behind the last byte that is not zero, `from` when there is none. */
export function endOfData(bytes: Buffer, from: number): number {
  let end = bytes.length;
  while (end > from) {
    const start = Math.max(from, end - ZEROS.length);
    if (isZero(bytes, start, end)) {
      end = start;
      continue;
    }
    while (end > start && bytes[end - 1] === 0) end--;
    return end;
  }
  return from;
}
