import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { type Tail, TailFull } from "../../readers/tail/tail.ts";
import { type EventConditions, eventConditions } from "./event-query.ts";
import { answerJson, type OwnPath } from "./own-path.ts";

/** Proxies and browsers give up on a silent stream after about a minute. */
const HEARTBEAT_MILLISECONDS = 20_000;
/** Whoever takes nothing for so long is not there any more, and keeps its place from somebody else. */
const STALL_MILLISECONDS = 30_000;

/**
 * Events as they happen, as server-sent events: `id` is the journal position, `data` the record. A watcher that is too slow is
 * told how many it missed (`event: skipped`); they are in event history. One that takes nothing at all is sent away.
 *
 * @param stallTimeout longest wait for a watcher that takes nothing, in milliseconds.
 */
export function tail(source: Pick<Tail, "subscribe">, stallTimeout = STALL_MILLISECONDS): OwnPath {
  return {
    path: "tail",
    description: "events as they happen, as server-sent events",
    audience: "readers",
    answer: async ({ message, query, scope }, response) => {
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      const items = subscribe(source, { ...eventConditions(query, []), ...scope }, gone.signal, response);
      if (items === undefined) return;

      response.writeHead(200, {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      });
      if (message.method === "HEAD") {
        gone.abort();
        response.end();
        return;
      }
      response.write(": events follow as they are recorded\n\n");
      // A client that closes its half of a connection may wait for an answer, but this one never ends.
      const leave = (): void => void response.destroy();
      message.socket.once("end", leave);
      const heartbeat = setInterval(() => response.write(":\n\n"), HEARTBEAT_MILLISECONDS);
      const decoder = new TextDecoder();
      try {
        for await (const item of items) {
          const text =
            item.kind === "event"
              ? `id: ${item.event.position}\ndata: ${decoder.decode(item.event.record)}\n\n`
              : `event: skipped\ndata: ${item.count}\n\n`;
          if (response.write(text)) continue;
          const stall = setTimeout(() => response.destroy(), stallTimeout);
          await once(response, "drain", { signal: gone.signal }).finally(() => clearTimeout(stall));
        }
      } catch (error) {
        if (!gone.signal.aborted) throw error;
      } finally {
        clearInterval(heartbeat);
        message.socket.off("end", leave);
      }
      response.end();
    },
  };
}

function subscribe(
  source: Pick<Tail, "subscribe">,
  conditions: EventConditions,
  signal: AbortSignal,
  response: ServerResponse,
): ReturnType<Tail["subscribe"]> | undefined {
  try {
    return source.subscribe(conditions, signal);
  } catch (error) {
    if (!(error instanceof TailFull)) throw error;
    answerJson(response, 503, { message: `Too many are watching: ${error.message}.` });
    return undefined;
  }
}
