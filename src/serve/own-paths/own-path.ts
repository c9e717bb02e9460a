import type { IncomingMessage, ServerResponse } from "node:http";

/** One of OpenTrail's own paths below `/_opentrail/`. None of them is an AWS call, so none is recorded. */
export interface OwnPath {
  /** What follows `/_opentrail/`; "" is the index. */
  readonly path: string;
  readonly description: string;
  /**
   * Who may see it where callers are verified: `everyone`; `readers`, who may look up events, those within their scope; the
   * `operator` alone, who may see everything.
   */
  readonly audience: "everyone" | "readers" | "operator";
  /** GET only. Rejections become a 500; `BadQuery` becomes a 400 that says what is wrong. */
  answer(request: OwnRequest, response: ServerResponse): Promise<void> | void;
}

export interface OwnRequest {
  readonly message: IncomingMessage;
  readonly query: URLSearchParams;
  /** Undefined: all events. */
  readonly scope?: EventScope | undefined;
}

/** The events that a visitor may see. */
export interface EventScope {
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

export class BadQuery extends Error {
  override name = "BadQuery";
}

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  answerText(response, status, "application/json", `${JSON.stringify(body)}\n`);
}

export function answerText(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(response.req.method === "HEAD" ? undefined : text);
}
