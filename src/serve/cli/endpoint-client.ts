import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

/** Where the client commands find OpenTrail, and how they speak to it. */
export interface EndpointClient {
  readonly url: string;
  /** GET below `/_opentrail/`, JSON back. Throws `CliError`. */
  getJson<Answer>(path: string, query?: URLSearchParams): Promise<Answer>;
  /** GET of a stream of server-sent events. Ends when the server ends or `signal` aborts; throws `CliError`. */
  events(path: string, query: URLSearchParams, signal: AbortSignal): AsyncIterable<ServerSentEvent>;
}

/** One event of a stream. Those with a name are about the stream, not part of it. */
export interface ServerSentEvent {
  readonly name: string | undefined;
  readonly data: string;
}

/** Something the person at the terminal can act on; printed without a stack. */
export class CliError extends Error {
  override name = "CliError";
}

/** What a GET of this URL carries to say who asks. */
export type HeadersFor = (url: URL) => Readonly<Record<string, string>>;

const NO_CREDENTIALS =
  "No AWS credentials were found to sign with: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that holds keys with --profile.";
const DEFAULT_ENDPOINT = "http://127.0.0.1:4580";

export function endpointClient(
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  headersFor: HeadersFor = () => ({}),
): EndpointClient {
  const url = (flag ?? environment["AWS_ENDPOINT_URL"] ?? DEFAULT_ENDPOINT).replace(/\/+$/, "");
  if (!/^https?:/.test(URL.parse(url)?.protocol ?? "")) {
    throw new CliError(`"${url}" is not a URL; give --endpoint http://HOST:PORT`);
  }
  const bundle = environment["AWS_CA_BUNDLE"];
  if (bundle !== undefined && bundle !== "" && url.startsWith("https:")) trust(bundle);

  const get = async (path: string, query: URLSearchParams, signal?: AbortSignal): Promise<Response> => {
    const target = new URL(`${url}/_opentrail/${path}${query.size > 0 ? `?${query}` : ""}`);
    const headers = headersFor(target);
    let response: Response;
    try {
      response = await fetch(target, { redirect: "error", headers, ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw new CliError(unreachable(url, error));
    }
    if (response.ok) return response;
    const text = (await response.text()).slice(0, 2000);
    if (response.status === 404) throw unlikeOpenTrail(path, "404");
    const message = messageOf(text) ?? `${url} answered ${response.status}`;
    const unsigned = response.status === 403 && headers["authorization"] === undefined;
    throw new CliError(unsigned ? `${message}\n${NO_CREDENTIALS}` : message);
  };

  const unlikeOpenTrail = (path: string, what: string): CliError =>
    new CliError(`${url} answers, but not as OpenTrail does (${what} for /_opentrail/${path}).`);

  return {
    url,
    async getJson<Answer>(path: string, query = new URLSearchParams()): Promise<Answer> {
      const response = await get(path, query);
      return (await response.json().catch(() => {
        throw unlikeOpenTrail(path, "no JSON");
      })) as Answer;
    },
    async *events(path, query, signal) {
      const response = await get(path, query, signal);
      if (response.body === null) return;
      try {
        yield* serverSentEvents(response.body.pipeThrough(new TextDecoderStream()));
      } catch (error) {
        if (!signal.aborted) throw new CliError(`The connection to ${url} broke: ${(error as Error).message}`);
      }
    },
  };
}

/** The AWS CLI's own variable: whoever calls this endpoint with the one trusts its certificate with the other. */
function trust(bundle: string): void {
  try {
    setDefaultCACertificates([...getCACertificates("default"), readFileSync(bundle, "utf8")]);
  } catch (error) {
    throw new CliError(`Cannot use AWS_CA_BUNDLE: ${(error as Error).message}`);
  }
}

function unreachable(url: string, error: unknown): string {
  const { code = "", message } = ((error as Error).cause ?? {}) as { code?: string; message?: string };
  if (/CERT|SIGNATURE|_SSL_|_TLS_/.test(code)) {
    const advice = /SELF_SIGNED|UNABLE_TO/.test(code) ? " AWS_CA_BUNDLE may name a PEM file with the certificate to trust." : "";
    return `No safe connection to ${url}: ${message?.split(";")[0]}.${advice}`;
  }
  if (code === "UND_ERR_SOCKET")
    return `${url} closed the connection; does it speak ${url.startsWith("https") ? "http" : "https"}?`;
  return `Nothing answers at ${url}. Start it with "opentrail serve", or give --endpoint URL.`;
}

function messageOf(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

async function* serverSentEvents(text: ReadableStream<string>): AsyncIterable<ServerSentEvent> {
  let rest = "";
  for await (const chunk of text) {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const lines = block.split("\n");
      const data = valuesOf(lines, "data");
      if (data.length > 0) yield { name: valuesOf(lines, "event").at(-1), data: data.join("\n") };
    }
  }
}

function valuesOf(lines: readonly string[], field: string): readonly string[] {
  const start = `${field}:`;
  return lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length).replace(/^ /, ""));
}
