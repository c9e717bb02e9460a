/** Where the client commands find OpenTrail, and how they speak to it. */
export interface EndpointClient {
  readonly url: string;
  /** GET below `/_opentrail/`, JSON back. Throws `CliError`. */
  getJson<Answer>(path: string, query?: URLSearchParams): Promise<Answer>;
  /** GET of a stream of server-sent events; yields the `data` of each. Ends when the server ends or `signal` aborts. */
  events(path: string, query: URLSearchParams, signal: AbortSignal): AsyncIterable<string>;
}

/** Something the person at the terminal can act on; printed without a stack. */
export class CliError extends Error {
  override name = "CliError";
}

const DEFAULT_ENDPOINT = "http://127.0.0.1:4580";

export function endpointClient(
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): EndpointClient {
  const url = (flag ?? environment["AWS_ENDPOINT_URL"] ?? DEFAULT_ENDPOINT).replace(/\/+$/, "");
  if (!URL.canParse(url)) throw new CliError(`"${url}" is not a URL; give --endpoint http://HOST:PORT`);

  const get = async (path: string, query: URLSearchParams, signal?: AbortSignal): Promise<Response> => {
    const target = `${url}/_opentrail/${path}${query.size > 0 ? `?${query}` : ""}`;
    let response: Response;
    try {
      response = await fetch(target, { redirect: "error", ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw new CliError(`Nothing answers at ${url}. Start it with "opentrail serve", or give --endpoint URL.`);
    }
    if (response.ok) return response;
    const text = (await response.text()).slice(0, 2000);
    if (response.status === 404) throw new CliError(`${url} answers, but not as OpenTrail does (404 for /_opentrail/${path}).`);
    throw new CliError(messageOf(text) ?? `${url} answered ${response.status}`);
  };

  return {
    url,
    async getJson<Answer>(path: string, query = new URLSearchParams()): Promise<Answer> {
      return (await (await get(path, query)).json()) as Answer;
    },
    async *events(path, query, signal) {
      const response = await get(path, query, signal);
      if (response.body === null) return;
      try {
        yield* dataLines(response.body.pipeThrough(new TextDecoderStream()));
      } catch (error) {
        if (!signal.aborted) throw new CliError(`The connection to ${url} broke: ${(error as Error).message}`);
      }
    },
  };
}

function messageOf(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** The `data` of each event without a name; named ones are about the stream, not part of it. */
async function* dataLines(text: ReadableStream<string>): AsyncIterable<string> {
  let rest = "";
  for await (const chunk of text) {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const lines = block.split("\n");
      const data = lines.filter((line) => line.startsWith("data:"));
      if (data.length > 0 && !lines.some((line) => line.startsWith("event:"))) {
        yield data.map((line) => line.slice(5).trimStart()).join("\n");
      }
    }
  }
}
