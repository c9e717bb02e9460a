import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { createSecureContext } from "node:tls";
import { ConnectionDealer } from "../capture/processes/connection-dealer.ts";
import { RelayServer, type RelayServerOptions } from "../capture/processes/relay-server.ts";
import { DynamodbTables } from "../event/services/dynamodb-tables.ts";
import { CaptureChild, type CaptureShared } from "./capture-child.ts";
import type { CaptureStart } from "./capture-start.ts";
import { SocketPlace } from "./socket-place.ts";

export interface CaptureFleetOptions extends CaptureShared, Omit<RelayServerOptions, "socketPath" | "token" | "logger"> {
  readonly config: CaptureStart["config"];
  readonly tls?: NonNullable<CaptureStart["tls"]>;
  /** Told of each process that ended by itself. */
  readonly ended: () => void;
}

/** Before a process is started again; doubles from the first to the last, until one lives for a while. */
const RESTART = { first: 100, most: 5_000, lived: 10_000 };
/** Between two looks at what the processes have to know of the journal, in milliseconds. */
const JOURNAL_MILLISECONDS = 50;
/** The capture processes of one data directory. They are started at once, so that they load while the rest opens. */
export class CaptureFleet {
  readonly #children: (CaptureChild | undefined)[];
  readonly #tables = new DynamodbTables();
  readonly #stopping = new AbortController();
  readonly #token = randomBytes(32).toString("base64url");
  #options: CaptureFleetOptions | undefined;
  #place: SocketPlace | undefined;
  #dealer: ConnectionDealer | undefined;
  #relay: RelayServer | undefined;
  #journal: NodeJS.Timeout | undefined;
  #running = 0;
  #failures = 0;

  constructor(processes: number) {
    this.#children = Array.from({ length: processes }, () => new CaptureChild());
  }

  /** How many serve, of how many. */
  get processes(): { readonly running: number; readonly configured: number } {
    return { running: this.#running, configured: this.#children.length };
  }

  /** Serves the address, and resolves when every process is ready. Rejects with the system's error where it cannot be had. */
  async listen(options: CaptureFleetOptions): Promise<void> {
    const { config, tls, logger } = options;
    this.#options = options;
    // Here rather than in each process, where nobody would see what is wrong.
    if (tls !== undefined) createSecureContext({ cert: tls.certificate, key: tls.key });
    const dealer = new ConnectionDealer({ ...config.listen, waiting: config.capture.connections });
    await dealer.listen();
    this.#dealer = dealer;
    dealer.onError((error) => logger.error({ err: error }, "a connection was not accepted"));
    this.#place = new SocketPlace(config.dataDir, "capture");
    this.#relay = new RelayServer({ ...options, socketPath: this.#place.path, token: this.#token });
    await this.#relay.listen();
    await Promise.all(this.#children.map((child, at) => (child === undefined ? undefined : this.#begin(child, at))));
    this.#journal = setInterval(() => {
      for (const child of this.#children) child?.tellJournal();
    }, JOURNAL_MILLISECONDS).unref();
  }

  /** `http://HOST:PORT`; throws before `listen`. */
  get address(): string {
    if (this.#dealer === undefined) throw new Error("the capture processes are not listening");
    const { family, address, port } = this.#dealer.address;
    return `${this.#options?.tls === undefined ? "http" : "https"}://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  }

  /** Resolves when the counts hold all that was counted by now, and every process knows what there is to know of the journal. */
  async tally(): Promise<void> {
    await Promise.all(this.#children.map((child) => child?.tally()));
  }

  /** Resolves when every process captures by what is selected now. */
  async tellSelection(): Promise<void> {
    await Promise.all(this.#children.map((child) => child?.tellSelection()));
  }

  /** Accepts nothing more, lets the calls in progress finish, ends the processes. */
  async close(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#journal);
    this.#dealer?.close();
    await Promise.all(this.#children.map((child) => child?.stop()));
    await this.#relay?.close();
    this.#place?.remove();
  }

  /** Ends the processes at once. */
  kill(): void {
    this.#stopping.abort();
    for (const child of this.#children) child?.kill();
  }

  /** Resolves when the process is ready; rejects where it ends before. */
  #begin(child: CaptureChild, at: number): Promise<void> {
    const options = this.#options;
    const place = this.#place;
    if (options === undefined || place === undefined) throw new Error("BUG: nobody said what to begin with");
    const { config, tls } = options;
    const start: CaptureStart = {
      config,
      ...(tls === undefined ? {} : { tls }),
      number: at + 1,
      processes: this.#children.length,
      relay: { socketPath: place.path, token: this.#token },
    };
    const { promise, resolve: ready, reject } = Promise.withResolvers<void>();
    let readyAt: number | undefined;
    child.begin(start, options, this.#tables, {
      onReady: () => {
        readyAt = performance.now();
        this.#running += 1;
        this.#dealer?.add(child);
        ready();
      },
      onTable: (arn, table) => {
        this.#tables.take(arn, table);
        for (const other of this.#children) if (other !== child) other?.tellTable(arn, table);
      },
      onGone: (connections) => {
        if (readyAt !== undefined) this.#running -= 1;
        this.#dealer?.remove(child);
        for (const socket of connections) this.#dealer?.deal(socket);
      },
      onEnd: () => {
        if (readyAt === undefined) reject(new Error("a capture process ended before it was ready; the log says why"));
        this.#children[at] = undefined;
        const lived = readyAt === undefined ? 0 : performance.now() - readyAt;
        // One that never was ready at the start keeps all from starting.
        if (readyAt !== undefined || this.#journal !== undefined) void this.#again(at, child.pid, lived);
      },
    });
    return promise;
  }

  /** In the place of a process that has ended. */
  async #again(at: number, pid: number | undefined, lived: number): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    if (lived > RESTART.lived) this.#failures = 0;
    const wait = Math.min(RESTART.first * 2 ** this.#failures, RESTART.most);
    this.#failures += 1;
    this.#options?.ended();
    this.#options?.logger.error(
      { pid, number: at + 1, retryMilliseconds: wait },
      "a capture process has ended and is started again",
    );
    try {
      await delay(wait, undefined, { signal: this.#stopping.signal });
    } catch {
      return;
    }
    const child = new CaptureChild();
    this.#children[at] = child;
    // Its end brings on the next attempt.
    await this.#begin(child, at).catch(() => {});
  }
}
