import { type Endpoint, EndpointFailure, type EndpointRequest, type EndpointResponse } from "../../aws/endpoint.ts";
import { createHttpUpstream } from "../gateway/http-upstream.ts";
import { FAILURE_LINE, RELAY_LINE, relayedCallLine } from "./relayed-call.ts";

export interface RelayOptions {
  /** The primary's socket. */
  readonly socketPath: string;
  readonly token: string;
  /** Connections at once. */
  readonly connections: number;
}

/** Nothing times out here that the endpoint itself lets last; it is the same machine. */
const PATIENCE_MILLISECONDS = 24 * 3_600_000;
const REASONS: readonly EndpointFailure["reason"][] = ["unreachable", "timeout", "aborted", "cut-off"];
const FAILURE = FAILURE_LINE.toLowerCase();

/** An endpoint that is in the primary process: the CloudTrail API, the embedded account. */
export function createRelayEndpoint({ socketPath, token, connections }: RelayOptions): Endpoint {
  const primary = createHttpUpstream({
    url: "http://primary",
    socketPath,
    connections,
    headersTimeout: PATIENCE_MILLISECONDS,
    bodyTimeout: PATIENCE_MILLISECONDS,
  });
  return {
    async send(request: EndpointRequest): Promise<EndpointResponse> {
      const headers = [RELAY_LINE, relayedCallLine(token, request.context), ...request.headers];
      const { method, target, body, context, signal, whenGone } = request;
      const gone = whenGone === undefined ? {} : { whenGone };
      const answer = await primary.send({ method, target, headers, body, context, signal, ...gone });
      const at = answer.headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === FAILURE);
      if (at === -1) return answer;
      const message = await textOf(answer.body);
      const reason = REASONS.find((known) => known === answer.headers[at + 1]);
      throw reason === undefined ? new Error(message) : new EndpointFailure(reason, message);
    },
    close: () => primary.close(),
  };
}

async function textOf(body: EndpointResponse["body"]): Promise<string> {
  if (body === undefined) return "";
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  return Buffer.concat((await body.toArray()) as Uint8Array[]).toString();
}
