const FIRST_MILLISECONDS = 1000;
/** With it, 185 attempts take the 24 hours that an event has by default. */
const LONGEST_MILLISECONDS = 480_000;

/** How long to wait after so many attempts have failed: twice as long each time, a tenth more or less. */
export function retryDelay(failed: number, random: () => number = Math.random): number {
  const delay = Math.min(FIRST_MILLISECONDS * 2 ** Math.min(failed - 1, 30), LONGEST_MILLISECONDS);
  return Math.round(delay * (0.9 + 0.2 * random()));
}
