import { mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What the system takes for the path of a socket, without its last octet (macOS has the fewest). */
const SOCKET_PATH_BYTES = 103;

/** Where a private socket is: in the data directory, or in a new directory of this user's own where that path is too long. */
export class SocketPlace {
  readonly path: string;
  readonly #own: string | undefined;

  /** @param name of the socket: `capture` */
  constructor(dataDir: string, name: string) {
    const path = join(resolve(dataDir), `${name}.sock`);
    this.#own = Buffer.byteLength(path) <= SOCKET_PATH_BYTES ? undefined : mkdtempSync(join(tmpdir(), `opentrail-${name}-`));
    this.path = this.#own === undefined ? path : join(this.#own, `${name}.sock`);
  }

  remove(): void {
    rmSync(this.path, { force: true });
    // Nothing but what was made here.
    if (this.#own !== undefined) rmdirSync(this.#own);
  }
}
