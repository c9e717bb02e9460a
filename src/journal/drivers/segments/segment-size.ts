/** Least that a segment preallocates when space is short: some dozens of events. */
const LEAST_BYTES = 64 * 1024;

/** Of what is free, a segment takes this part at most, so that readers can go on with what it holds. */
const PART_OF_FREE = 1 / 4;

/** Sizes to try for a new segment, largest first: the usual one, or smaller ones where no more than `freeBytes` are free. */
export function segmentSizes(usual: number, freeBytes: number): readonly number[] {
  const sizes = [usual];
  for (let size = usual; size > LEAST_BYTES; sizes.push(size)) size = Math.max(LEAST_BYTES, Math.floor(size / 4));
  const fitting = sizes.filter((size) => size <= freeBytes * PART_OF_FREE);
  return fitting.length > 0 ? fitting : sizes.slice(-1);
}

/** Whether an error says that a smaller file might do. */
export function isLackOfSpace(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["ENOSPC", "EDQUOT", "EFBIG"].includes(String(error.code));
}
