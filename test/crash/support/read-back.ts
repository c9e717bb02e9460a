import { type CloudTrailRecord, until } from "../../support/opentrail-process.ts";

export interface ReadRecord {
  readonly record: CloudTrailRecord;
  /** The record as compact JSON, its members in the order in which they came. */
  readonly text: string;
}

interface Status {
  readonly readers: readonly { readonly lag: number; readonly problem?: string }[];
}

export async function get(url: string, path: string): Promise<Response> {
  return await fetch(`${url}/_opentrail/${path}`, { signal: AbortSignal.timeout(60_000) });
}

/** Waits until event history holds all that is durable. */
export async function caughtUp(url: string): Promise<void> {
  await until(
    async () => {
      const response = await get(url, "status");
      if (!response.ok) throw new Error(`status answered ${response.status}: ${await response.text()}`);
      const { readers } = (await response.json()) as Status;
      return readers.every(({ lag }) => lag === 0) ? true : undefined;
    },
    "the readers to catch up",
    60_000,
  );
}

/** All events, newest first; since `from` (epoch seconds) where that is given. */
export async function readBack(url: string, from?: number): Promise<readonly ReadRecord[]> {
  await caughtUp(url);
  const found: ReadRecord[] = [];
  const query = new URLSearchParams({ limit: "50", ...(from === undefined ? {} : { from: String(from) }) });
  for (;;) {
    const response = await get(url, `events?${query}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`events answered ${response.status}: ${text}`);
    const page = JSON.parse(text) as { events: CloudTrailRecord[]; nextToken?: string };
    for (const record of page.events) found.push({ record, text: JSON.stringify(record) });
    if (page.nextToken === undefined) return found;
    query.set("nextToken", page.nextToken);
  }
}
