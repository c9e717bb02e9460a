import { parentPort, workerData } from "node:worker_threads";
import { createHistory } from "./create-history.ts";
import { type History, HistoryUnavailable } from "./history.ts";
import { unpackBatch } from "./packed-batch.ts";
import { packPage } from "./packed-page.ts";
import type { ThreadData, ThreadReply, ThreadRequest } from "./thread-messages.ts";

/** The event history's thread: takes one request after the other, answers queries between the slices of a batch. */
const port = parentPort;
if (port === null) throw new Error("history-worker.ts runs as a worker thread only");

const { dir, retentionDays, dataEvents } = workerData as ThreadData;
let history: History | undefined;
let now = 0;
let elapsed = 0;

function post(reply: ThreadReply, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(reply, transfer);
}

function open(journalEnd: number): History {
  const logger = { error: (fields: object, text: string) => post({ kind: "log", fields, text }) };
  const clocks = { clock: { now: () => now }, elapsed: () => elapsed };
  try {
    return createHistory({ dir, retentionDays, dataEvents, journalEnd, ...clocks, logger });
  } catch (error) {
    // SQLite does not say which file it speaks of, and what it calls an error loses its code on the way between threads.
    if (!(error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR")) throw error;
    throw new HistoryUnavailable(`the event history in ${dir}: ${error.message}`, { cause: error });
  }
}

async function carryOut(request: ThreadRequest): Promise<void> {
  const { id } = request;
  if (request.kind === "open") history = open(request.journalEnd);
  if (history === undefined) throw new Error("the event history is not open");
  switch (request.kind) {
    case "open":
      post({ kind: "done", id, position: history.position() });
      return;
    case "read":
      await history.read(unpackBatch(request.batch));
      post({ kind: "done", id, position: history.position(), batch: request.batch }, [request.batch]);
      return;
    case "lookup":
    case "search": {
      const page = packPage(
        request.kind === "lookup" ? await history.lookup(request.query) : await history.search(request.query),
      );
      post({ kind: "page", id, page }, [page.records]);
      return;
    }
    case "stats":
      post({ kind: "stats", id, stats: await history.stats() });
      return;
    case "close":
      await history.close();
      post({ kind: "done", id, position: history.position() });
  }
}

port.on("message", (request: ThreadRequest) => {
  ({ now, elapsed } = request);
  carryOut(request).catch((reason: unknown) => {
    const error = reason instanceof Error ? reason : new Error(String(reason));
    post({ kind: "failed", id: request.id, name: error.name, error });
  });
});
