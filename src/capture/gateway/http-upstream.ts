import { Pool, type Dispatcher } from "undici";
import type { Endpoint, EndpointRequest, EndpointResponse } from "../../aws/endpoint.ts";
import { failureOf, UpstreamExchange } from "./upstream-exchange.ts";

export interface HttpUpstreamOptions {
  /** Origin of the upstream, `http:` or `https:`, without path. */
  readonly url: string;
  /** Send the upstream's own name as Host. Signatures cover that header: only for upstreams that do not check them. */
  readonly rewriteHost?: boolean;
  /** Connections at once; a request beyond that waits. Long polls hold theirs for up to 20 seconds. */
  readonly connections?: number;
  /** Milliseconds to connect. */
  readonly connectTimeout?: number;
  /** Milliseconds without progress until the answer's head. */
  readonly headersTimeout?: number;
  /** Milliseconds without progress within the answer's body. */
  readonly bodyTimeout?: number;
  /** PEM of the authority that signed the upstream's certificate, where the system does not know it. */
  readonly certificateAuthority?: string;
}

/** As large as what the gateway takes itself: an answer may repeat what a request brought. */
const HEAD_MAX = 64 * 1024;

/**
 * An upstream over HTTP/1.1, connections reused. Nothing is retried (the client's SDK does that, and a call that was carried
 * out twice must not look like one) and no redirect is followed. Throws for a URL that is no origin.
 *
 * `Expect` is not passed on: the client has been told to go on when the upstream is ready to read. SDKs do not sign it.
 */
export function createHttpUpstream(options: HttpUpstreamOptions): Endpoint {
  return new HttpUpstream(options);
}

class HttpUpstream implements Endpoint {
  readonly #pool: Pool;
  readonly #options: HttpUpstreamOptions;
  readonly #serverName: string | undefined;

  constructor(options: HttpUpstreamOptions) {
    const url = new URL(options.url);
    if ((url.protocol !== "http:" && url.protocol !== "https:") || url.pathname !== "/" || url.search !== "") {
      throw new Error(`the upstream ${options.url} is not http://HOST[:PORT] or https://HOST[:PORT]`);
    }
    this.#options = options;
    this.#serverName = url.protocol === "https:" ? url.hostname : undefined;
    this.#pool = new Pool(url.origin, {
      connections: options.connections ?? 128,
      pipelining: 1,
      maxHeaderSize: HEAD_MAX,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        timeout: options.connectTimeout ?? 10_000,
        ...(options.certificateAuthority === undefined ? {} : { ca: options.certificateAuthority }),
      },
    });
  }

  async send(request: EndpointRequest): Promise<EndpointResponse> {
    const { headersTimeout = 300_000, bodyTimeout = 300_000 } = this.#options;
    const exchange = new UpstreamExchange({ head: headersTimeout, body: bodyTimeout }, request.body, request.signal);
    const dispatch: Dispatcher.DispatchOptions & { readonly servername?: string } = {
      method: request.method as Dispatcher.HttpMethod,
      path: request.target,
      headers: this.#headers(request.headers),
      body: request.body ?? null,
      // Else undici takes the client's Host for the name that the upstream's certificate must have.
      ...(this.#serverName === undefined ? {} : { servername: this.#serverName }),
    };
    try {
      this.#pool.dispatch(dispatch, exchange);
    } catch (error) {
      exchange.abort(failureOf(error as Error, false));
    }
    return exchange.response;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  #headers(lines: readonly string[]): string[] {
    const kept: string[] = [];
    for (let i = 0; i + 1 < lines.length; i += 2) {
      const name = (lines[i] ?? "").toLowerCase();
      if (name === "expect" || (name === "host" && this.#options.rewriteHost === true)) continue;
      kept.push(lines[i] ?? "", lines[i + 1] ?? "");
    }
    return kept;
  }
}
