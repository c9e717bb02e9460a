/** Where waiting is done; tests make time pass by themselves. */
export interface Timers {
  /** Milliseconds since some moment, by a clock that nobody sets. */
  elapsed(): number;
  /** Calls `run` once after `milliseconds`, unless the function that it gives is called before. */
  after(milliseconds: number, run: () => void): () => void;
}

/** Waiting here does not keep the process alive. */
export const systemTimers: Timers = {
  elapsed: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `milliseconds`, or as soon as `signal` aborts. */
export function pause(timers: Timers, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = timers.after(milliseconds, end);
    signal.addEventListener("abort", end, { once: true });
  });
}
