import type { ClientPresence } from "./client-presence.ts";

/**
 * What `promise` resolves with, unless the client goes first: then that is thrown, and a value that comes all the same goes to
 * `release`.
 */
export function unlessGone<T>(promise: Promise<T>, client: ClientPresence, release: (late: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let gone = false;
    const forget = client.whenGone((reason) => {
      gone = true;
      reject(reason);
    });
    promise.then(
      (value) => {
        forget();
        return gone ? release(value) : resolve(value);
      },
      (error: unknown) => {
        forget();
        reject(error as Error);
      },
    );
  });
}
