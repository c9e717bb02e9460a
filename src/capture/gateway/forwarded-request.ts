import type { CallContext, EndpointRequest, HostedRequest } from "../../aws/endpoint.ts";
import type { ClientPresence } from "./client-presence.ts";

/** What of a request is not the client's presence. */
type RequestParts = Pick<EndpointRequest, "method" | "target" | "headers" | "body" | "context"> & {
  readonly forHost: ((host: string) => HostedRequest) | undefined;
};

/**
 * A client's request on its way to an endpoint. A class for speed: an accessor of an object of its own would give each request a hidden
 * class of its own. A copy (`{ ...request }`) lacks `signal`, which is made for those who ask for it.
 */
export class ForwardedRequest implements EndpointRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly body: EndpointRequest["body"];
  readonly context: CallContext;
  readonly whenGone: NonNullable<EndpointRequest["whenGone"]>;
  declare readonly forHost?: (host: string) => HostedRequest;
  readonly #client: ClientPresence;

  constructor({ method, target, headers, body, context, forHost }: RequestParts, client: ClientPresence) {
    this.method = method;
    this.target = target;
    this.headers = headers;
    this.body = body;
    this.context = context;
    this.whenGone = (listener) => client.whenGone(listener);
    if (forHost !== undefined) this.forHost = forHost;
    this.#client = client;
  }

  get signal(): AbortSignal {
    return this.#client.signal;
  }
}
