import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { S3Client } from "@aws-sdk/client-s3";

/** What becomes of one PutObject. `lost`: written, and nobody is told; `cut`: the connection ends in mid-body. */
export type PutFate = "ok" | "slow-down" | "denied" | "no-bucket" | "cut" | "lost" | "silent" | "error-after";

export interface FakePut {
  readonly bucket: string;
  readonly key: string;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** A small S3 that can fail in every way, and remembers each object's writes. */
export class FakeS3 {
  /** Decides on each write. */
  fate: (bucket: string, key: string) => PutFate = () => "ok";
  /** Answers to a write wait for this. */
  gate: (key: string) => Promise<void> | undefined = () => undefined;
  /** Writes that happened, whoever was told. */
  readonly puts: FakePut[] = [];
  attempts = 0;
  readonly #server: Server;
  readonly #clients: S3Client[] = [];

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response).catch(() => response.destroy()));
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  client(): S3Client {
    const { port } = this.#server.address() as AddressInfo;
    const client = new S3Client({
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${port}`,
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "none" },
    });
    this.#clients.push(client);
    return client;
  }

  /** By `bucket/key`: the bytes of its last write. */
  get objects(): ReadonlyMap<string, Buffer> {
    return new Map(this.puts.map(({ bucket, key, body }) => [`${bucket}/${key}`, body]));
  }

  /** The records of every object, by `bucket/key`. */
  records(): ReadonlyMap<string, readonly Record<string, unknown>[]> {
    return new Map([...this.objects].map(([name, body]) => [name, recordsOf(body)]));
  }

  /** Objects that were written twice with different bytes. */
  changed(): readonly string[] {
    const first = new Map<string, Buffer>();
    const changed: string[] = [];
    for (const { bucket, key, body } of this.puts) {
      const name = `${bucket}/${key}`;
      const before = first.get(name);
      if (before === undefined) first.set(name, body);
      else if (!before.equals(body)) changed.push(name);
    }
    return changed;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, bucket = "", ...rest] = decodeURIComponent((request.url ?? "").split("?")[0] ?? "").split("/");
    const key = rest.join("/");
    this.attempts++;
    const fate = this.fate(bucket, key);
    if (fate === "cut") {
      await once(request, "data").catch(() => {});
      request.socket.destroy();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    await this.gate(key);
    if (fate === "ok" || fate === "lost" || fate === "error-after") {
      this.puts.push({ bucket, key, body, headers: { ...request.headers } });
    }
    if (fate === "lost") request.socket.destroy();
    else if (fate === "silent") return;
    else if (fate === "ok") response.writeHead(200, { etag: '"0"' }).end();
    else {
      const [status, code] = REFUSALS[fate];
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);
    }
  }
}

const REFUSALS: Readonly<Record<"slow-down" | "denied" | "no-bucket" | "error-after", readonly [number, string]>> = {
  "slow-down": [503, "SlowDown"],
  denied: [403, "AccessDenied"],
  "no-bucket": [404, "NoSuchBucket"],
  "error-after": [500, "InternalError"],
};

/** Throws where the content is not what a log file is: one gzip member of `{"Records":[…]}`. */
export function recordsOf(body: Buffer): readonly Record<string, unknown>[] {
  const parsed = JSON.parse(gunzipSync(body).toString()) as { Records: Record<string, unknown>[] };
  return parsed.Records;
}
