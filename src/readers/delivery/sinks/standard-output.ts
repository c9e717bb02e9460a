/** Resolves when standard output has taken the lines. Rejects where nobody reads it any more, and when `signal` aborts. */
export function standardOutput(lines: Uint8Array, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { stdout } = process;
  // A reader that went away is told by an event as well, which would end the process.
  if (!stdout.listeners("error").includes(ignore)) stdout.on("error", ignore);
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort);
  stdout.write(lines, (error) => {
    signal.removeEventListener("abort", abort);
    if (error) reject(error);
    else resolve();
  });
  return promise;
}

function ignore(): void {}
