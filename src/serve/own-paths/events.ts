import { type History, InvalidPageToken, type SearchPage, type SearchQuery } from "../../readers/history/history.ts";
import { eventConditions, numberParameter } from "./event-query.ts";
import { answerText, BadQuery, type OwnPath } from "./own-path.ts";

const FURTHER = ["from", "to", "limit", "nextToken"];
const DEFAULT_LIMIT = 50;
const LATEST = 253_402_300_799;

/**
 * Event history, newest first: `{"events": [record, …], "nextToken": …}`, each record as stored, byte for byte. A page may
 * be short and still carry a token: a search that finds little stops after a bounded amount of work.
 */
export function events(history: Pick<History, "search">): OwnPath {
  return {
    path: "events",
    description: "event history by several attributes at once, newest first; as JSON",
    audience: "readers",
    answer: async ({ query, scope }, response) => {
      const page = await search(history, { ...queryOf(query), ...scope });
      const decoder = new TextDecoder();
      const records = page.events.map((event) => decoder.decode(event.record));
      const next = page.nextToken === undefined ? "" : `,"nextToken":${JSON.stringify(page.nextToken)}`;
      answerText(response, 200, "application/json", `{"events":[${records.join(",")}]${next}}\n`);
    },
  };
}

function queryOf(query: URLSearchParams): SearchQuery {
  const from = numberParameter(query, "from", 0, LATEST);
  const to = numberParameter(query, "to", 0, LATEST);
  if (from !== undefined && to !== undefined && from > to) throw new BadQuery("from is after to");
  const token = query.get("nextToken");
  return {
    ...eventConditions(query, FURTHER),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(token === null ? {} : { token }),
    limit: numberParameter(query, "limit", 1, 50) ?? DEFAULT_LIMIT,
  };
}

async function search(history: Pick<History, "search">, query: SearchQuery): Promise<SearchPage> {
  try {
    return await history.search(query);
  } catch (error) {
    if (error instanceof InvalidPageToken)
      throw new BadQuery("nextToken belongs to another query; repeat the parameters of the first page");
    throw error;
  }
}
