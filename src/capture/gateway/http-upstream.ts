import { isIP } from "node:net";
import type { Endpoint, EndpointRequest, EndpointResponse } from "../../aws/endpoint.ts";
import { EndpointFailure } from "../../aws/endpoint.ts";
import { ConnectionPool } from "./upstream/connection-pool.ts";
import { UpstreamCall, type UpstreamTimeouts } from "./upstream/upstream-call.ts";
import { wireRequest } from "./upstream/wire-request.ts";

export interface HttpUpstreamOptions {
  /** Origin of the upstream, `http:` or `https:`, without path. */
  readonly url: string;
  /** Connections at once; a request beyond that waits. Long polls hold theirs for up to 20 seconds. */
  readonly connections?: number;
  /** Milliseconds to connect. */
  readonly connectTimeout?: number;
  /** Milliseconds without progress until the answer's head. */
  readonly headersTimeout?: number;
  /** Milliseconds without progress within the answer's body. */
  readonly bodyTimeout?: number;
  /** Path of a local socket that takes the place of the URL's host and port. */
  readonly socketPath?: string;
  /** PEM of the authority that signed the upstream's certificate, where the system does not know it. */
  readonly certificateAuthority?: string;
}

/**
 * An upstream over HTTP/1.1, connections reused. Nothing is retried (the client's SDK does that, and a call that was carried
 * out twice must not look like one), but for reads on a kept connection that turns out to be closed; no redirect is followed.
 * Throws for a URL that is no origin.
 */
export function createHttpUpstream(options: HttpUpstreamOptions): Endpoint {
  return new HttpUpstream(options);
}

class HttpUpstream implements Endpoint {
  readonly #pool: ConnectionPool;
  readonly #timeouts: UpstreamTimeouts;
  /** For clients that name none. */
  readonly #ownHost: string;

  constructor(options: HttpUpstreamOptions) {
    const url = new URL(options.url);
    if ((url.protocol !== "http:" && url.protocol !== "https:") || url.pathname !== "/" || url.search !== "") {
      throw new Error(`the upstream ${options.url} is not http://HOST[:PORT] or https://HOST[:PORT]`);
    }
    const { headersTimeout = 300_000, bodyTimeout = 300_000, connectTimeout = 10_000, connections = 128 } = options;
    const secure = url.protocol === "https:";
    const bare = url.hostname.replace(/^\[(.*)\]$/, "$1");
    this.#timeouts = { head: headersTimeout, body: bodyTimeout };
    this.#ownHost = url.host;
    this.#pool = new ConnectionPool(
      {
        secure,
        host: isIP(bare) === 0 ? url.hostname : bare,
        port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
        socketPath: options.socketPath,
        certificateAuthority: options.certificateAuthority,
        session: undefined,
      },
      {
        connections,
        connectTimeout,
        tick: Math.min(1000, Math.max(10, Math.min(headersTimeout, bodyTimeout, connectTimeout) / 4)),
      },
    );
  }

  send(request: EndpointRequest): Promise<EndpointResponse> {
    let call: UpstreamCall;
    try {
      const wire = wireRequest(request, this.#ownHost);
      call = new UpstreamCall(request, wire, this.#timeouts, performance.now());
    } catch (error) {
      return Promise.reject(error as Error);
    }
    const forget = whenAbandoned(request, () => call.fail(new EndpointFailure("aborted", "the caller went away")));
    if (call.failed) return call.response;
    call.onAnswer = forget;
    this.#pool.submit(call);
    return call.response;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

function whenAbandoned(request: EndpointRequest, listener: () => void): () => void {
  if (request.whenGone !== undefined) return request.whenGone(listener);
  const { signal } = request;
  if (signal.aborted) listener();
  else signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}
