import type { Readable } from "node:stream";
import { type Dispatcher, errors } from "undici";
import { EndpointFailure, type EndpointResponse } from "../../aws/endpoint.ts";
import { UpstreamBody } from "./upstream-body.ts";

export interface UpstreamTimeouts {
  /** Milliseconds from the last byte of the request that was passed on to the head of its answer. */
  readonly head: number;
  /** Milliseconds between two pieces of the answer's body. */
  readonly body: number;
}

/**
 * One request to an upstream, as undici's handler. undici's own timers are off: they stop counting while an upload waits,
 * so an upstream that stops reading would be waited for without end.
 */
export class UpstreamExchange implements Dispatcher.DispatchHandler {
  readonly response: Promise<EndpointResponse>;
  readonly #timeouts: UpstreamTimeouts;
  readonly #head = Promise.withResolvers<EndpointResponse>();
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #body: UpstreamBody | undefined;
  #failure: EndpointFailure | undefined;

  constructor(timeouts: UpstreamTimeouts, requestBody: Readable | undefined, signal: AbortSignal) {
    this.#timeouts = timeouts;
    this.response = this.#head.promise;
    this.#timer = setTimeout(
      () => this.abort(new EndpointFailure("timeout", `no answer for ${timeouts.head} ms`)),
      timeouts.head,
    );
    const onAbort = (): void => this.abort(new EndpointFailure("aborted", "the caller went away"));
    const cleanUp = (): void => {
      clearTimeout(this.#timer);
      signal.removeEventListener("abort", onAbort);
    };
    this.response.then(cleanUp, cleanUp);
    // Paused first, because a listener would set the stream flowing before undici listens.
    requestBody?.pause().on("data", () => this.#timer.refresh());
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  }

  abort(failure: EndpointFailure): void {
    this.#failure ??= failure;
    this.#head.reject(this.#failure);
    if (this.#body === undefined) this.#controller?.abort(this.#failure);
    else this.#body.destroy(this.#failure);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure !== undefined) controller.abort(this.#failure);
  }

  onRequestUpgrade(controller: Dispatcher.DispatchController): void {
    controller.abort(new EndpointFailure("cut-off", "the upstream changed the protocol"));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, statusText?: string): void {
    // Interim answers (100, 103) are for this hop.
    if (status < 200) return;
    const body = (this.#body = new UpstreamBody(controller, this.#timeouts.body));
    const headers = ((controller.rawHeaders ?? []) as readonly (Buffer | string)[]).map((text) =>
      typeof text === "string" ? text : text.toString("latin1"),
    );
    this.#head.resolve({ status, ...(statusText === undefined ? {} : { statusText }), headers, body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.arrived(chunk);
  }

  onResponseEnd(): void {
    this.#body?.complete();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const failure = this.#failure ?? failureOf(error, this.#body !== undefined);
    this.#head.reject(failure);
    this.#body?.destroy(failure);
  }
}

/** Codes of a connection that never came about. */
const notConnected = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EADDRNOTAVAIL",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_DESTROYED",
  "UND_ERR_CLOSED",
]);

export function failureOf(error: Error & { readonly code?: unknown }, answered: boolean): EndpointFailure {
  if (error instanceof EndpointFailure) return error;
  const code = String(error.code ?? "");
  const message = `${error.message || code || error.name}`;
  if (error instanceof errors.RequestAbortedError) return new EndpointFailure("aborted", message, { cause: error });
  const unreachable =
    !answered && (notConnected.has(code) || /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code));
  return new EndpointFailure(unreachable ? "unreachable" : "cut-off", message, { cause: error });
}
