import { EndpointFailure } from "../../../aws/endpoint.ts";

/** Codes of a connection that never came about. */
const notConnected = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EADDRNOTAVAIL",
  "ETIMEDOUT",
  "ERR_SOCKET_CONNECTION_TIMEOUT",
]);

/** What a caller is told of an error on a connection. @param connected it had come about, and the request may have been seen. */
export function failureOf(error: Error & { readonly code?: unknown }, connected: boolean): EndpointFailure {
  if (error instanceof EndpointFailure) return error;
  const code = String(error.code ?? "");
  const message = error.message || code || error.name;
  const unreachable =
    !connected && (notConnected.has(code) || /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code));
  return new EndpointFailure(unreachable ? "unreachable" : "cut-off", message, { cause: error });
}
