import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pino } from "pino";
import type { EventIndex } from "../../../event/built-event.ts";
import type { StoredEntry } from "../../../journal/journal.ts";
import { openDeliveryDatabase } from "../delivery-database.ts";
import { LaneStore } from "./lane-store.ts";

export const logger = pino({ level: "silent" });
/** 2026-03-10T00:00:00Z, epoch milliseconds. */
export const NOW = Date.UTC(2026, 2, 10);
export const ACCOUNT = "111122223333";
export const REGION = "us-east-1";

/** An event as the journal gives it, an hour old. */
export function eventEntry(
  position: number,
  index: Partial<EventIndex> = {},
  fields: Readonly<Record<string, unknown>> = {},
): StoredEntry {
  const full: EventIndex = {
    eventId: `00000000-0000-4000-8000-${String(position).padStart(12, "0")}`,
    time: NOW / 1000 - 3600,
    account: ACCOUNT,
    region: REGION,
    category: "Management",
    source: "s3.amazonaws.com",
    name: "CreateBucket",
    readOnly: false,
    resources: [],
    ...index,
  };
  const record = {
    eventVersion: "1.11",
    eventSource: full.source,
    eventName: full.name,
    awsRegion: full.region,
    requestParameters: { position, text: "grüße" },
    eventID: full.eventId,
    eventType: "AwsApiCall",
    recipientAccountId: full.account,
    ...fields,
  };
  return { position, kind: "event", head: Buffer.from(JSON.stringify(full)), body: Buffer.from(JSON.stringify(record)) };
}

/** The position that `eventEntry` put into a record. */
export function positionIn(record: string): number {
  return (JSON.parse(record) as { requestParameters: { position: number } }).requestParameters.position;
}

/** A directory with delivery's database, opened anew as often as asked: what was not written is lost then, as by a crash. */
export class SinkState implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "opentrail-sinks-"));
  readonly #opened: DatabaseSync[] = [];

  open(): DatabaseSync {
    const path = join(this.directory, "delivery.sqlite");
    if (this.#opened.length === 0) openDeliveryDatabase(path).close();
    // Not for us alone, as it is in service: what was opened before is as good as dead, and still open.
    const database = new DatabaseSync(path);
    database.exec("PRAGMA busy_timeout = 2000");
    this.#opened.push(database);
    return database;
  }

  store(writeMilliseconds = 1): LaneStore {
    return new LaneStore({ database: this.open(), logger, writeMilliseconds });
  }

  [Symbol.dispose](): void {
    for (const database of this.#opened) database.close();
    rmSync(this.directory, { recursive: true });
  }
}

export interface SeenRequest {
  readonly headers: IncomingMessage["headers"];
  readonly url: string;
  readonly body: string;
}

export type Answer =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  /** The connection breaks without an answer, though the request was taken. */
  | "reset"
  /** No answer at all. */
  | "silence";

/** A server that answers what it is told, and keeps what it was asked. */
export class TestServer implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(answer: (request: SeenRequest) => Answer): Promise<TestServer> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("error", () => {});
      request.on("end", () => {
        const seen = { headers: request.headers, url: request.url ?? "", body: Buffer.concat(chunks).toString() };
        opened.seen.push(seen);
        give(response, answer(seen));
      });
    });
    const opened = new TestServer(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return opened;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function give(response: ServerResponse, answer: Answer): void {
  if (answer === "silence") return;
  if (answer === "reset") response.socket?.resetAndDestroy();
  else response.writeHead(answer.status, answer.headers).end(answer.body ?? "");
}
