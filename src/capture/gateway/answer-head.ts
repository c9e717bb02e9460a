import type { EndpointResponse } from "../../aws/endpoint.ts";
import type { Routed } from "./routing/routed.ts";
import { givenRequestId, isS3Family, missingIdLines } from "./request-id.ts";
import { endToEndLines, joinHeaders } from "./routing/header-lines.ts";

/** An answer's head as the client gets it. */
export interface SettledHead {
  readonly requestId: string;
  /** Name and value in turn. */
  readonly lines: readonly string[];
  /** The same with lower-case names, repeated lines joined. */
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * The head of an answer that came from behind: unchanged, but for the ids that it lacks. It is settled once, as late as
 * possible, since some services name their request in the body only.
 */
export class AnswerHead {
  readonly status: number;
  readonly statusText: string | undefined;
  /** As they came, hop-by-hop lines left out. */
  readonly headers: ReadonlyMap<string, string>;
  readonly #routed: Routed;
  readonly #ownId: string;
  readonly #lines: readonly string[];
  #settled: SettledHead | undefined;

  /** @param ownId the request's id if the service gives none. */
  constructor(answer: EndpointResponse, routed: Routed, ownId: string) {
    this.status = answer.status;
    this.statusText = answer.statusText;
    this.#routed = routed;
    this.#ownId = ownId;
    const lines = endToEndLines(answer.headers);
    const headers = joinHeaders(lines);
    // An answer that is there as a whole says how long it is.
    const unsaid = answer.body instanceof Uint8Array && !headers.has("content-length") && !isBodiless(answer.status);
    this.#lines = unsaid ? [...lines, "Content-Length", String(answer.body.length)] : lines;
    this.headers = unsaid ? joinHeaders(this.#lines) : headers;
  }

  /** Of use only while it flows: of such an answer, the end of the message alone can be withheld. */
  get isEventStream(): boolean {
    return /^(?:application\/vnd\.amazon\.eventstream|text\/event-stream)\b/i.test(this.headers.get("content-type") ?? "");
  }

  /** As announced; undefined where it is not. */
  get contentLength(): number | undefined {
    const length = this.headers.get("content-length");
    return length === undefined ? undefined : Number(length);
  }

  /** @param body what has come of it so far, if it is captured. */
  settle(body: Uint8Array | undefined): SettledHead {
    if (this.#settled !== undefined) return this.#settled;
    const isS3 = isS3Family(this.#routed.serviceId);
    const given = givenRequestId(this.#routed.protocol, this.headers, body);
    const missing = missingIdLines(isS3, this.headers, given === undefined ? this.#ownId : undefined);
    const lines = [...this.#lines, ...missing];
    this.#settled = { requestId: given ?? this.#ownId, lines, headers: missing.length === 0 ? this.headers : joinHeaders(lines) };
    return this.#settled;
  }
}

/** Answers that have no body whatever they say (RFC 9110, 6.4.1), those to HEAD aside. */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 304;
}
