import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { formatAmzDate } from "../../../aws/sigv4/amz-date.ts";
import { canonicalRequest } from "../../../aws/sigv4/canonical-request.ts";
import { scopeText } from "../../../aws/sigv4/signing-scope.ts";
import { SigningKeys } from "../../../aws/sigv4/signing-keys.ts";
import { EMPTY_HASH, HMAC_ALGORITHM, macHex, sha256Hex, stringToSign } from "../../../aws/sigv4/string-to-sign.ts";
import type { Clock } from "../../../base/clock.ts";
import type { AwsCredentials } from "../aws-credentials.ts";
import { CliError } from "../endpoint-client.ts";

/** A request to an AWS service. */
export interface SignedRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly endpoint: string;
  /** Percent-encoded path, and the query behind the question mark. */
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly service: string;
  readonly region: string;
}

const ATTEMPTS = 5;
const FIRST_RETRY = 100;
/** Of silence. */
const TIMEOUT = 60_000;
const ERROR_BYTES = 64 * 1024;

/** Sends requests signed with one caller's credentials, over connections that are kept. */
export class SignedHttp {
  readonly #credentials: AwsCredentials;
  readonly #clock: Clock;
  readonly #keys = new SigningKeys();
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };

  constructor(options: { readonly credentials: AwsCredentials; readonly clock: Clock; readonly connections: number }) {
    const { credentials, clock, connections } = options;
    this.#credentials = credentials;
    this.#clock = clock;
    const kept = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections };
    this.#agents = { http: new HttpAgent(kept), https: new HttpsAgent(kept) };
  }

  /** The answer, whatever its status below 500: its body MUST be read or destroyed. Throws `CliError` where none comes. */
  async send(request: SignedRequest): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.#sendOnce(request);
        const status = answer.statusCode ?? 0;
        if ((status < 500 && status !== 429) || attempt === ATTEMPTS) return answer;
        answer.resume();
      } catch (error) {
        if (attempt === ATTEMPTS) throw new CliError(`${request.endpoint} cannot be reached: ${(error as Error).message}`);
      }
      await delay(FIRST_RETRY * 2 ** attempt * (0.5 + Math.random() / 2));
    }
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  async #sendOnce(request: SignedRequest): Promise<IncomingMessage> {
    const { method, endpoint, path, query = "", body } = request;
    const url = new URL(endpoint);
    const isTls = url.protocol === "https:";
    const headers = this.#sign(request, url.host);
    return await new Promise((done, fail) => {
      const sent = (isTls ? httpsRequest : httpRequest)({
        agent: isTls ? this.#agents.https : this.#agents.http,
        protocol: url.protocol,
        host: url.hostname.replace(/^\[|\]$/g, ""),
        ...(url.port === "" ? {} : { port: url.port }),
        method,
        path: query === "" ? path : `${path}?${query}`,
        headers,
        timeout: TIMEOUT,
      });
      sent.on("response", done);
      sent.on("error", fail);
      sent.on("timeout", () => sent.destroy(new Error(`silence for ${TIMEOUT / 1000} s`)));
      sent.end(body);
    });
  }

  #sign({ method, path, query = "", headers = {}, body, service, region }: SignedRequest, host: string): Record<string, string> {
    const { accessKeyId, secretAccessKey, sessionToken } = this.#credentials;
    const date = formatAmzDate(this.#clock.now());
    const payload = body === undefined ? EMPTY_HASH : sha256Hex(body);
    const signed: Record<string, string> = {
      ...headers,
      host,
      "x-amz-content-sha256": payload,
      "x-amz-date": date,
      ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }),
    };
    const names = Object.keys(signed).sort();
    const scope = { date: date.slice(0, 8), region, service };
    const parts = { method, path, query, header: (name: string) => signed[name] };
    const canonical = canonicalRequest(parts, service === "s3" ? "object" : "service", names, payload);
    const key = this.#keys.keyFor(secretAccessKey, scope);
    this.#keys.remember(secretAccessKey, scope, key);
    const signature = macHex(key, stringToSign(HMAC_ALGORITHM, date, scopeText(scope), canonical));
    return {
      ...signed,
      ...(body === undefined ? {} : { "content-length": String(body.length) }),
      authorization: `${HMAC_ALGORITHM} Credential=${accessKeyId}/${scopeText(scope)}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
    };
  }
}

export class AnswerTooLong extends CliError {
  override name = "AnswerTooLong";
}

/** The whole body. Throws `AnswerTooLong` where it is longer than `limit`, `CliError` where it breaks off. */
export async function readAnswer(answer: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of answer) {
      const bytes = chunk as Buffer;
      length += bytes.length;
      if (length > limit) throw new AnswerTooLong(`An answer is longer than ${limit} bytes.`);
      chunks.push(bytes);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`An answer broke off: ${(error as Error).message}`);
  }
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
}

/** AWS's code and message in an answer that is an error, in JSON or XML; for people. */
export async function describeError(answer: IncomingMessage): Promise<{ readonly code: string; readonly message: string }> {
  const text = (await readAnswer(answer, ERROR_BYTES).catch(() => Buffer.alloc(0))).toString();
  const code = /<Code>([^<]{1,200})<\/Code>|"__type"\s*:\s*"(?:[^"]*#)?([^"]{1,200})"/.exec(text);
  const message = /<Message>([^<]{1,1000})<\/Message>|"[mM]essage"\s*:\s*"((?:[^"\\]|\\.){1,1000})"/.exec(text);
  return {
    code: code?.[1] ?? code?.[2] ?? `HTTP ${answer.statusCode}`,
    message: message?.[1] ?? message?.[2] ?? `status ${answer.statusCode}`,
  };
}
