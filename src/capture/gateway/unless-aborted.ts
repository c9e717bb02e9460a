/**
 * What `promise` resolves with, unless `signal` aborts first: then its reason is thrown, and a value that comes all the same
 * goes to `release`.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal, release: (late: T) => void): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } catch (error) {
    promise.then(release).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
