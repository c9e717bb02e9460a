import type { EndpointResponse } from "../../aws/endpoint.ts";
import type { WireResponse } from "../../event/api-call.ts";
import { AnswerBody } from "./answer-body.ts";
import { AnswerHead, isBodiless } from "./answer-head.ts";
import type { AnswerSender } from "./answer-sender.ts";
import type { CallRecording } from "./call-recording.ts";
import { capturesAnswerBody } from "./capture-policy.ts";
import type { ClientPresence } from "./client-presence.ts";
import type { ExchangeSettings } from "./exchange-settings.ts";

/**
 * Octets of an object or another stream that are held until the call is on record. Past them it flows, all but its end: a
 * client should not wait for a whole object before its first octet.
 */
const HELD_STREAM = 64 * 1024;

/** An endpoint's answer on its way to the client: held, or, when it is long, all but its end, until the call is on record. */
export class AnswerRelay {
  readonly #recording: CallRecording;
  readonly #sender: AnswerSender;
  readonly #limit: number;
  readonly #startedAt: number;
  readonly #head: AnswerHead;
  readonly #body: AnswerBody;
  readonly #bodiless: boolean;
  #held: readonly Uint8Array[] = [];

  constructor(
    { bounds, clock }: ExchangeSettings,
    answer: EndpointResponse,
    method: string,
    recording: CallRecording,
    sender: AnswerSender,
  ) {
    this.#recording = recording;
    this.#sender = sender;
    this.#startedAt = clock.now();
    this.#head = new AnswerHead(answer, recording.routed, recording.requestId);
    this.#bodiless = method === "HEAD" || isBodiless(answer.status);
    const captures = recording.kept && capturesAnswerBody(recording.routed, answer.status);
    this.#limit = captures ? bounds.heldAnswer : Math.min(bounds.heldAnswer, HELD_STREAM);
    this.#body = new AnswerBody(answer.body, captures ? bounds.bodyCapture : undefined);
    if (this.#bodiless) this.#body.drop();
  }

  get status(): number {
    return this.#head.status;
  }

  /** Reads the body to its end and sends what may be sent before the event is durable. Rejects with what breaks either side. */
  async flow(client: ClientPresence): Promise<void> {
    const forget = client.whenGone(() => this.#body.drop());
    try {
      this.#held = this.#bodiless ? [] : (this.#body.whole() ?? (await this.#stream()));
    } catch (error) {
      this.#body.drop();
      throw error;
    } finally {
      forget();
    }
  }

  /** What has come of the answer, for the record. */
  response(): WireResponse {
    const { requestId, headers } = this.#head.settle(this.#body.captured);
    this.#recording.requestId = requestId;
    const { captured, truncated, bytes } = this.#body;
    return {
      status: this.#head.status,
      headers,
      body: captured,
      bodyTruncated: truncated,
      bodyBytes: bytes,
      startedAt: this.#startedAt,
    };
  }

  /** Sends what was held back: the call is on record. Rejects where that cannot be begun; an end that stalls is cut off. */
  async release(): Promise<void> {
    this.#begin();
    for (const chunk of this.#held.slice(0, -1)) await this.#sender.chunk(chunk, this.#body.whenSpent(chunk));
    const last = this.#held.at(-1);
    await this.#sender.end(last, last && this.#body.whenSpent(last));
  }

  /** Gives what was held back. */
  async #stream(): Promise<readonly Uint8Array[]> {
    const lastChunks = this.#head.isEventStream || !this.#recording.kept ? 0 : 1;
    if (lastChunks === 0 || (this.#head.contentLength ?? 0) > this.#limit) this.#begin();
    const held: Uint8Array[] = [];
    let heldBytes = 0;
    for await (const chunk of this.#body.chunks()) {
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes > this.#limit) this.#begin();
      if (!this.#sender.started) continue;
      while (held.length > lastChunks) {
        const next = held.shift();
        if (next !== undefined) await this.#sender.chunk(next, this.#body.whenSpent(next));
      }
      heldBytes = 0;
    }
    return held;
  }

  #begin(): void {
    if (this.#sender.started) return;
    const { requestId, lines } = this.#head.settle(this.#body.captured);
    this.#recording.requestId = requestId;
    this.#sender.head(this.#head.status, this.#head.statusText, lines);
    // Its first event may be long in coming.
    if (this.#head.isEventStream) this.#sender.flush();
  }
}
