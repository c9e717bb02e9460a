import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Agent, type ClientRequest, type IncomingMessage, type RequestOptions, request as httpRequest } from "node:http";
import { Agent as TlsAgent, request as httpsRequest } from "node:https";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { Position } from "../../../journal/journal.ts";
import type { LaneEvent, LaneSelection } from "./lane-event.ts";
import type { LaneStore } from "./lane-store.ts";
import { ALL_SENT, type BatchLimits, DestinationRefused, type SendOutcome, type SinkDestination } from "./sink-destination.ts";
import { SinkLane } from "./sink-lane.ts";
import { webhookSecrets, webhookSignature } from "./webhook-signature.ts";

export interface WebhookSinkOptions {
  /** `http:` or `https:` */
  readonly url: string;
  /** File with what bodies are signed with; read anew for each request, so that it can be replaced. Undefined: they are not signed. */
  readonly secretFile?: string;
  /** Of what is sent; part of the lane's name. */
  readonly trail?: string;
  readonly selection: LaneSelection;
  /** The journal's end: a new webhook is not told of the past. */
  readonly from: () => Position;
  readonly store: LaneStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly requestMilliseconds?: number;
}

/**
 * Batches of records as `{"Records":[…]}` to a URL, signed by the Standard Webhooks scheme. A batch has arrived when the
 * answer is 2xx; `webhook-id` is the same whenever the same batch is sent again. Throws `WebhookSecretError`, and where
 * the file cannot be read.
 */
export function createWebhookSink(options: WebhookSinkOptions): SinkLane {
  const { url, secretFile, trail } = options;
  if (secretFile !== undefined) webhookSecrets(secretFile, readFileSync(secretFile, "utf8"));
  // The URL itself may hold a token.
  const digest = createHash("sha256")
    .update(JSON.stringify([url, trail]))
    .digest("hex")
    .slice(0, 8);
  return new SinkLane({ ...options, name: `webhook ${new URL(url).host} ${digest}`, destination: new Webhook(options) });
}

const PREFIX = Buffer.from('{"Records":[');
const COMMA = Buffer.from(",");
const SUFFIX = Buffer.from("]}");

/** Answers after which a smaller batch may do. */
const DIVISIBLE: ReadonlySet<number> = new Set([400, 413, 422]);

class Webhook implements SinkDestination {
  readonly limits: BatchLimits = {
    events: 500,
    octets: 1_048_576 - PREFIX.length - SUFFIX.length,
    eventOctets: 1_048_576 - PREFIX.length - SUFFIX.length,
    sizeOf: ({ record }) => record.length + COMMA.length,
  };
  readonly #options: WebhookSinkOptions;
  readonly #url: URL;
  readonly #agent: Agent;

  constructor(options: WebhookSinkOptions) {
    this.#options = options;
    this.#url = new URL(options.url);
    const pool = { keepAlive: true, maxSockets: 2 };
    this.#agent = this.#url.protocol === "https:" ? new TlsAgent(pool) : new Agent(pool);
  }

  groupOf(): string {
    return "";
  }

  async send(events: readonly LaneEvent[], signal: AbortSignal): Promise<SendOutcome> {
    const parts: Uint8Array[] = [PREFIX];
    for (const { record } of events) parts.push(record, COMMA);
    parts[parts.length - 1] = SUFFIX;
    const body = Buffer.concat(parts);
    const status = await this.#post(body, await this.#headers(body), signal);
    if (status >= 200 && status < 300) return ALL_SENT;
    const { host } = this.#url;
    const what = status >= 300 && status < 400 ? `HTTP ${status}: redirects are not followed` : `HTTP ${status}`;
    throw new DestinationRefused(`HTTP ${status}`, `webhook ${host} answered ${what}`, { divisible: DIVISIBLE.has(status) });
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }

  async #headers(body: Uint8Array): Promise<Record<string, string | number>> {
    const { secretFile, clock } = this.#options;
    const id = `msg_${createHash("sha256").update(body).digest("base64url").slice(0, 27)}`;
    const timestamp = String(Math.floor(clock.now() / 1000));
    const headers = {
      "content-type": "application/json",
      "content-length": body.length,
      "user-agent": "OpenTrail",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
    };
    if (secretFile === undefined) return headers;
    const secrets = webhookSecrets(secretFile, await readFile(secretFile, "utf8"));
    return { ...headers, "webhook-signature": webhookSignature(secrets, id, timestamp, body) };
  }

  /** Resolves with the status when the answer is whole. */
  #post(body: Uint8Array, headers: Record<string, string | number>, signal: AbortSignal): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const options: RequestOptions = { method: "POST", headers, agent: this.#agent, signal };
    const answered = (answer: IncomingMessage): void => {
      let octets = 0;
      answer.on("data", (chunk: Buffer) => {
        octets += chunk.length;
        // Nobody reads it; a short one leaves the connection of use.
        if (octets > 65_536) answer.destroy();
      });
      answer.on("error", () => {});
      answer.on("close", () => resolve(answer.statusCode ?? 0));
    };
    const request: ClientRequest =
      this.#url.protocol === "https:" ? httpsRequest(this.#url, options, answered) : httpRequest(this.#url, options, answered);
    request.on("error", reject);
    request.end(body);
    return promise;
  }
}
