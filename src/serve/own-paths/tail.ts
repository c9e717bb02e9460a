import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { type Tail, TailFull } from "../../readers/tail/tail.ts";
import { eventConditions } from "./event-query.ts";
import { answerJson, type OwnPath } from "./own-path.ts";

/** Proxies and browsers give up on a silent stream after about a minute. */
const HEARTBEAT_MILLISECONDS = 20_000;

/**
 * Events as they happen, as server-sent events: `id` is the journal position, `data` the record. A watcher that is too slow is
 * told how many it missed (`event: skipped`); they are in event history.
 */
export function tail(source: Pick<Tail, "subscribe">): OwnPath {
  return {
    path: "tail",
    description: "events as they happen, as server-sent events",
    answer: async ({ message, query }, response) => {
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      const items = subscribe(source, query, gone.signal, response);
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
      const heartbeat = setInterval(() => response.write(":\n\n"), HEARTBEAT_MILLISECONDS);
      const decoder = new TextDecoder();
      try {
        for await (const item of items) {
          const text =
            item.kind === "event"
              ? `id: ${item.event.position}\ndata: ${decoder.decode(item.event.record)}\n\n`
              : `event: skipped\ndata: ${item.count}\n\n`;
          if (!response.write(text)) await once(response, "drain", { signal: gone.signal });
        }
      } catch (error) {
        if (!gone.signal.aborted) throw error;
      } finally {
        clearInterval(heartbeat);
      }
      response.end();
    },
  };
}

function subscribe(
  source: Pick<Tail, "subscribe">,
  query: URLSearchParams,
  signal: AbortSignal,
  response: ServerResponse,
): ReturnType<Tail["subscribe"]> | undefined {
  try {
    return source.subscribe(eventConditions(query, []), signal);
  } catch (error) {
    if (!(error instanceof TailFull)) throw error;
    answerJson(response, 503, { message: `Too many are watching: ${error.message}.` });
    return undefined;
  }
}
