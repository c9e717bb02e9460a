import type { WireAnswer, WireMessage } from "./wire-message.ts";

/** The request that an SDK client hands to its `requestHandler`. */
export interface SdkRequest {
  readonly method: string;
  readonly hostname: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Thrown in place of an answer, so that a client stops when its request is known. */
class Captured extends Error {}

/**
 * A `requestHandler` for an SDK client. It keeps the last request and answers nothing, or what `answerWith` has been
 * given.
 */
export class CapturingHandler {
  #request: SdkRequest | undefined;
  #answer: WireAnswer | undefined;

  /** What `send` has put on the wire. */
  async capture(send: () => Promise<unknown>): Promise<SdkRequest> {
    this.#request = undefined;
    this.#answer = undefined;
    await send().catch((error: unknown) => {
      if (this.#request === undefined) throw error;
    });
    if (this.#request === undefined) throw new Error("the client sent nothing");
    return this.#request;
  }

  /** What `send` makes of the answer. */
  async answer(answer: WireAnswer, send: () => Promise<unknown>): Promise<unknown> {
    this.#answer = answer;
    try {
      return await send();
    } finally {
      this.#answer = undefined;
    }
  }

  handle(request: SdkRequest): Promise<{ response: object }> {
    this.#request = request;
    if (this.#answer === undefined) return Promise.reject(new Captured("captured"));
    const { status, headers, body } = this.#answer;
    const response = { statusCode: status, headers: Object.fromEntries(headers), body: body ?? new Uint8Array() };
    return Promise.resolve({ response });
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }
}

/** The form in which the gateway would see an SDK's request. A body that is a stream is left out. */
export function toWireMessage(request: SdkRequest): WireMessage {
  const query: [string, string][] = [];
  for (const [name, value] of Object.entries(request.query)) {
    if (value === null || typeof value === "string") query.push([name, value ?? ""]);
    else for (const one of value) query.push([name, one]);
  }
  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
  const { body } = request;
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body instanceof Uint8Array ? body : undefined;
  return { method: request.method, path: request.path, query, headers, body: bytes };
}
