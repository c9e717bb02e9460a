import { type ChildProcess, fork } from "node:child_process";
import { getCompileCacheDir } from "node:module";
import type { Socket } from "node:net";
import { dirname } from "node:path";
import type { Duplex } from "node:stream";
import { deserialize, serialize } from "node:v8";
import type { Logger } from "../base/logger.ts";
import type { GatewayMetrics } from "../capture/gateway/gateway-metrics.ts";
import type { LearnedEntry } from "../capture/identity/learned-identities.ts";
import type { FollowedIdentities, SharedIdentities } from "../capture/identity/shared-identities.ts";
import type { Tally } from "../capture/processes/call-tally.ts";
import type { ConnectionTaker } from "../capture/processes/connection-dealer.ts";
import { LedgerSession } from "../capture/processes/ledger-session.ts";
import { ProcessLink } from "../capture/processes/process-link.ts";
import { TallyAccount } from "../capture/processes/tally-account.ts";
import { TOPIC } from "../capture/processes/topics.ts";
import type { RecordingLedger } from "../capture/recording-ledger.ts";
import type { DataSelection } from "../capture/selection/data-selection.ts";
import type { ApiCall } from "../event/api-call.ts";
import type { DynamodbTables, Table } from "../event/services/dynamodb-tables.ts";
import type { Journal } from "../journal/journal.ts";
import { type CaptureStart, LINK_DESCRIPTOR } from "./capture-start.ts";

/** What capture processes share with the primary. */
export interface CaptureShared {
  readonly journal: Pick<Journal, "status">;
  readonly ledger: RecordingLedger;
  readonly identities: SharedIdentities;
  readonly selection: Pick<DataSelection, "interests">;
  readonly metrics: GatewayMetrics;
  readonly unauthenticated: (code: string) => void;
  readonly logger: Logger;
}

export interface CaptureChildEvents {
  readonly onReady: () => void;
  /** Another process than this one has to be told too. */
  readonly onTable: (arn: string, table: Table | undefined) => void;
  /** It takes nothing any more. @param connections that it has not taken. */
  readonly onGone: (connections: readonly Socket[]) => void;
  /** All that it left open is brought to an end. */
  readonly onEnd: () => void;
}

/** A process that has not taken a change over by then is not going to: nobody may find it without. */
const TAKE_MILLISECONDS = 5_000;
const STOP_MILLISECONDS = 35_000;
const TALLY_MILLISECONDS = 1_000;
const ENTRIES_AT_ONCE = 1_000;

/** One capture process, seen from the primary. It is started at once, and idle until `begin`. */
export class CaptureChild implements ConnectionTaker {
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #ended = Promise.withResolvers<void>();
  /** Connections that wait until the process has taken those before them. */
  readonly #dealing = new Set<Socket>();
  /** Those that are on their way: Node would keep them open for ever if the process died now. */
  readonly #sent: Socket[] = [];
  /** Taken before it was known that they were sent. */
  #early = 0;
  #link: ProcessLink | undefined;
  #account: TallyAccount | undefined;
  #followed: FollowedIdentities | undefined;
  #shared: CaptureShared | undefined;
  #told = "";
  #serving = false;
  #dealt = 0;

  constructor() {
    // The process is a file of its own: source and build have different extensions.
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
    const cache = getCompileCacheDir();
    this.#process = fork(new URL(`./capture-process${extension}`, import.meta.url), [], {
      stdio: ["ignore", "ignore", "inherit", "ipc", "pipe"],
      env: { ...process.env, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) }) },
    });
    // Whatever it is, the process ends by it.
    this.#process.on("error", () => {});
    this.#exited = new Promise((resolve) => this.#process.once("exit", () => resolve()));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get connections(): number {
    return this.#dealt - (this.#account?.closed ?? 0);
  }

  take(socket: Socket): void {
    this.#dealt += 1;
    this.#dealing.add(socket);
    this.#process.send("connection", socket, { keepOpen: true }, (error) => {
      // Not where it has been dealt to another one meanwhile.
      if (!this.#dealing.delete(socket)) return;
      if (error === null && this.#early === 0) return void this.#sent.push(socket);
      if (error === null) this.#early -= 1;
      socket.destroy();
    });
  }

  #taken(): void {
    const socket = this.#sent.shift();
    if (socket === undefined) this.#early += 1;
    else socket.destroy();
  }

  /** Tells the process all that it has to know, and serves it from then on. */
  begin(start: CaptureStart, shared: CaptureShared, tables: DynamodbTables, events: CaptureChildEvents): void {
    const { metrics, unauthenticated, identities, ledger, logger } = shared;
    const account = new TallyAccount(metrics, unauthenticated, () => this.#taken());
    const session = new LedgerSession(ledger, logger);
    const link = new ProcessLink(this.#process.stdio[LINK_DESCRIPTOR] as Duplex, {
      onRequest: async (topic, payload) => {
        const work = session.request(topic, payload);
        if (work !== undefined) return await work.finally(() => this.tellJournal());
        if (topic !== TOPIC.teach) throw new Error(`BUG: a capture process asks for topic ${topic}`);
        await identities.teach(deserialize(payload) as ApiCall);
        return undefined;
      },
      onNotice: (topic, payload) => {
        if (topic === TOPIC.counted) account.add(deserialize(payload) as Tally);
        else if (topic === TOPIC.missed) session.missed(payload);
        else if (topic === TOPIC.tableChanged) events.onTable(...(deserialize(payload) as [string, Table | undefined]));
        else if (topic === TOPIC.ready) void this.#ready(link, events);
      },
      onEnd: () => void this.#end(session, account, events),
    });
    this.#link = link;
    this.#account = account;
    this.#shared = shared;
    link.notify(TOPIC.start, Buffer.from(JSON.stringify(start)));
    this.#followed = identities.follow((entries: readonly LearnedEntry[]) => this.#tell(TOPIC.identities, entries));
    const { known } = this.#followed;
    for (let at = 0; at < known.length; at += ENTRIES_AT_ONCE)
      link.notify(TOPIC.identities, serialize(known.slice(at, at + ENTRIES_AT_ONCE)));
    link.notify(TOPIC.tables, serialize(tables.known()));
    link.notify(TOPIC.selection, serialize(shared.selection.interests));
    this.tellJournal();
  }

  tellTable(arn: string, table: Table | undefined): void {
    this.#link?.notify(TOPIC.tables, serialize([[arn, table]]));
  }

  /** Resolves when the process goes by what is selected now, or is gone. */
  async tellSelection(): Promise<void> {
    await this.#tell(TOPIC.selection, this.#shared?.selection.interests ?? []);
  }

  /** Says whether the journal can be written, where that is news. */
  tellJournal(): void {
    const { writable = false, problem } = this.#shared?.journal.status() ?? {};
    const now = `${writable} ${problem}`;
    if (now === this.#told) return;
    this.#told = now;
    this.#link?.notify(TOPIC.journal, serialize({ writable, problem }));
  }

  /** Resolves when all that it has counted by now has been told, and it knows of the journal, or it does not answer. */
  async tally(): Promise<void> {
    this.tellJournal();
    const told = this.#link?.request(TOPIC.tally).catch(() => {});
    await within(TALLY_MILLISECONDS, told);
  }

  /** Resolves when the calls in progress are finished and the process is gone. */
  async stop(): Promise<void> {
    await within(
      STOP_MILLISECONDS,
      this.#link?.request(TOPIC.stop).catch(() => {}),
    );
    this.kill();
    await (this.#link === undefined ? this.#exited : this.#ended.promise);
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** What was told before is taken over before the reply comes; from now on, changes are waited for. */
  async #ready(link: ProcessLink, events: CaptureChildEvents): Promise<void> {
    this.#serving = true;
    try {
      await link.request(TOPIC.tally);
    } catch {
      return;
    }
    events.onReady();
  }

  /** Resolves when it is taken over: nothing is behind what somebody was told. */
  async #tell(topic: number, what: unknown): Promise<void> {
    if (!this.#serving) return this.#link?.notify(topic, serialize(what));
    const taken = this.#link?.request(topic, serialize(what)).then(() => true);
    if ((await within(TAKE_MILLISECONDS, taken)) === true) return;
    this.#shared?.logger.error({ pid: this.pid }, "a capture process does not answer and is ended");
    this.kill();
    await this.#exited;
  }

  async #end(session: LedgerSession, account: TallyAccount, events: CaptureChildEvents): Promise<void> {
    this.#followed?.stop();
    const waiting = [...this.#dealing];
    this.#dealing.clear();
    events.onGone(waiting);
    for (const socket of this.#sent.splice(0)) socket.destroy();
    // A link that broke off by itself leaves a process that can record nothing.
    this.kill();
    const abandoned = await session.end();
    account.end(session.recorded + abandoned);
    await this.#exited;
    this.#ended.resolve();
    events.onEnd();
  }
}

async function within<Value>(milliseconds: number, work: Promise<Value> | undefined): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), milliseconds)));
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
