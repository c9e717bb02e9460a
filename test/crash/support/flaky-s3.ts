import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "./random.ts";

export interface StoredObject {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** How often it was put. */
  puts: number;
}

/** In what ways the bucket fails, and how often each. */
const FAILURES = [
  ["slow down", 0.08],
  ["internal error", 0.04],
  ["access denied", 0.05],
  ["reset in mid-body", 0.08],
  ["lost acknowledgement", 0.1],
  ["slow", 0.05],
] as const;

type Failure = (typeof FAILURES)[number][0];

/**
 * A bucket that fails as buckets do, and the rest of a backend that answers whatever it is asked. It remembers every object, and
 * counts what must never happen: other octets under a key that was written before.
 */
export class FlakyS3 {
  readonly objects = new Map<string, StoredObject>();
  /** Keys that were put again with another content. */
  readonly changed: string[] = [];
  readonly failures = new Map<Failure, number>();
  /** While false, nothing fails. */
  failing = true;
  readonly #random: Random;
  readonly #server: Server;

  constructor(random: Random) {
    this.#random = random;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async listen(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on("error", () => {});
    const path = decodeURIComponent((request.url ?? "/").split("?", 1)[0] ?? "/");
    const isFile = request.method === "PUT" && path.includes("/AWSLogs/") && !path.endsWith("/");
    const failure = isFile && this.failing ? this.#failure() : undefined;
    if (failure === "reset in mid-body") {
      request.once("data", () => request.destroy());
      return;
    }
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    if (failure === "slow") await delay(this.#random.whole(50, 400));
    const error = ERRORS.get(failure);
    if (error !== undefined) {
      const [status, code] = error;
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(`<Error><Code>${code}</Code><Message>so it goes</Message><RequestId>1</RequestId></Error>`);
      return;
    }
    if (isFile) this.#put(path, Buffer.concat(chunks), request.headers);
    if (failure === "lost acknowledgement") {
      request.destroy();
      return;
    }
    const form = request.headers["content-type"]?.includes("x-www-form-urlencoded") === true;
    const body = form ? "<Answer/>" : request.headers["x-amz-target"] === undefined ? "" : "{}";
    response.writeHead(200, { "x-amz-request-id": "1", "x-amzn-requestid": "1", "content-length": body.length });
    response.end(body);
  }

  #put(path: string, body: Buffer, headers: IncomingMessage["headers"]): void {
    const [, , ...rest] = path.split("/");
    const key = rest.join("/");
    const before = this.objects.get(key);
    if (before !== undefined && !before.body.equals(body)) this.changed.push(key);
    const metadata = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    this.objects.set(key, { body, headers: Object.fromEntries(metadata), puts: (before?.puts ?? 0) + 1 });
  }

  #failure(): Failure | undefined {
    let draw = this.#random.next();
    for (const [failure, chance] of FAILURES) {
      if (draw < chance) {
        this.failures.set(failure, (this.failures.get(failure) ?? 0) + 1);
        return failure;
      }
      draw -= chance;
    }
    return undefined;
  }
}

const ERRORS: ReadonlyMap<Failure | undefined, readonly [number, string]> = new Map([
  ["slow down", [503, "SlowDown"]],
  ["internal error", [500, "InternalError"]],
  ["access denied", [403, "AccessDenied"]],
]);
