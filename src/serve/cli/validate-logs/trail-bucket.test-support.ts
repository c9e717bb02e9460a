import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { pino } from "pino";
import type { Trail } from "../../../account/trails/trail.ts";
import { Seal } from "../../../base/seal.ts";
import type { Timers } from "../../../base/timers.ts";
import { DeliveredFiles } from "../../../readers/delivery/digest/delivered-files.ts";
import { createDigester, type Digester } from "../../../readers/delivery/digest/digester.ts";
import { SigningKeys } from "../../../readers/delivery/digest/signing-keys.ts";

export const ACCOUNT = "111122223333";
export const ARN = `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/audit`;
export const T0 = Date.UTC(2026, 2, 10, 15, 29, 23);
const HOUR = 3600 * 1000;

export interface BucketObject {
  body: Buffer;
  headers: Record<string, string>;
  /** Epoch milliseconds. */
  modified: number;
}

/** S3 and CloudTrail of a trail that has delivered with validation: real digests, in a bucket that can be tampered with. */
export class TrailBucket {
  now = T0;
  /** By `bucket/key`. */
  readonly objects = new Map<string, BucketObject>();
  trail: Trail;
  digester: Digester;
  readonly keys: SigningKeys;
  readonly logs: string[] = [];
  /** Milliseconds before each answer. */
  latency = 0;
  /** So many more log files break off in the middle. */
  breaks = 0;
  /** Keys in one answer to a list. */
  pageSize = 100;
  readonly #minutes: number;
  readonly #database = new DatabaseSync(":memory:");
  readonly #files = new DeliveredFiles(this.#database);
  readonly #server: Server;
  #listener: () => void = () => undefined;
  #elapsed = 0;

  constructor(trail: Partial<Trail> = {}, minutes = 60) {
    this.#minutes = minutes;
    this.trail = {
      id: "t1",
      accountId: ACCOUNT,
      name: "audit",
      homeRegion: "us-east-1",
      arn: ARN,
      s3BucketName: "logs",
      includeGlobalServiceEvents: true,
      isMultiRegionTrail: true,
      logFileValidationEnabled: true,
      isOrganizationTrail: false,
      recursiveLogging: true,
      logging: true,
      startedAt: T0,
      tags: [],
      createdAt: T0,
      ...trail,
    };
    this.keys = new SigningKeys({
      database: this.#database,
      seal: new Seal(new Uint8Array(32).fill(7), "digest signing keys"),
      clock: { now: () => this.now },
    });
    this.digester = this.#open();
    this.#server = createServer((request, response) => {
      const answer = (): void => void this.#answer(request, response);
      if (this.latency > 0) setTimeout(answer, this.latency);
      else answer();
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
  }

  async close(): Promise<void> {
    await this.digester.close();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** So many log files, then the time passes. */
  async hour(files: number, milliseconds = HOUR): Promise<void> {
    await this.#settle();
    for (let n = 0; n < files; n += 1) this.deliver();
    this.now += milliseconds;
    this.#elapsed += milliseconds;
    await this.#settle();
  }

  deliver(text = JSON.stringify({ Records: [{ eventID: String(this.logs.length), padding: "x".repeat(500) }] })): string {
    const { s3BucketName: bucket, id: trailId } = this.trail;
    const time = new Date(this.now).toISOString();
    const day = time.slice(0, 10).replaceAll("-", "/");
    const unique = String(this.logs.length).padStart(16, "0");
    const stamp = time.slice(0, 16).replaceAll(/[-:]/g, "");
    const key = `AWSLogs/${ACCOUNT}/CloudTrail/us-east-1/${day}/${ACCOUNT}_CloudTrail_us-east-1_${stamp}Z_${unique}.json.gz`;
    this.objects.set(`${bucket}/${key}`, { body: gzipSync(text), headers: {}, modified: this.now });
    const hash = createHash("sha256").update(text).digest("hex");
    const [newest, oldest] = [Math.floor(this.now / 1000), Math.floor(this.now / 1000)];
    const file = { trailId, account: ACCOUNT, region: "us-east-1", bucket, key, hash, newest, oldest, deliveredAt: this.now };
    this.#files.add(file);
    this.logs.push(key);
    return key;
  }

  /** The trail changes. */
  async set(more: Partial<Trail>): Promise<void> {
    this.trail = { ...this.trail, ...more };
    this.#listener();
    await this.#settle();
  }

  async outage(milliseconds: number): Promise<void> {
    await this.digester.close();
    this.now += milliseconds;
    this.digester = this.#open();
    await this.#settle();
    this.now += 600_000;
    this.#elapsed += 600_000;
    await this.#settle();
  }

  /** `bucket/key` of all digests, the oldest first. */
  digests(): readonly string[] {
    const end = (name: string): string => /_(\d{8}T\d{6}Z)/.exec(name)?.[1] ?? "";
    return [...this.objects.keys()]
      .filter((name) => name.includes("CloudTrail-Digest"))
      .sort((a, b) => (end(a) < end(b) ? -1 : 1));
  }

  async #settle(): Promise<void> {
    await this.digester.look();
    for (let n = 0; n < 200 && this.digester.pending() > 0; n += 1) await turn();
  }

  #open(): Digester {
    const never: Timers = { elapsed: () => this.#elapsed, after: () => () => undefined };
    return createDigester({
      database: this.#database,
      files: this.#files,
      trails: {
        all: async () => [this.trail],
        onChange: (listener) => {
          this.#listener = listener;
          return () => undefined;
        },
      },
      keys: this.keys,
      outcomes: { succeeded: () => undefined, failed: () => undefined },
      destinations: { s3: () => ({ send: this.#put.bind(this) }) as unknown as S3Client },
      settings: { acl: true, encryption: true },
      organizationId: () => undefined,
      isDrained: () => true,
      digestMinutes: this.#minutes,
      clock: { now: () => this.now },
      logger: pino({ level: "silent" }),
      timers: never,
    });
  }

  async #put({ input }: PutObjectCommand): Promise<void> {
    const headers = Object.fromEntries(
      Object.entries(input.Metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value]),
    );
    this.objects.set(`${input.Bucket}/${input.Key}`, {
      body: Buffer.from(input.Body as Uint8Array),
      headers: { ...headers, "content-encoding": "gzip", "content-type": "application/json" },
      modified: this.now,
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? "/", "http://s3");
    const target = request.headers["x-amz-target"];
    if (typeof target === "string") return this.#cloudTrail(String(target.split(".").at(-1)), body, response);
    const [, bucket = "", ...rest] = url.pathname.split("/");
    const key = decodeURIComponent(rest.join("/"));
    if (key === "")
      return url.searchParams.has("location") ? xml(response, "<LocationConstraint/>") : this.#list(bucket, url, response);
    if (request.method === "PUT") {
      this.objects.set(`${bucket}/${key}`, { body, headers: {}, modified: this.now });
      return void response.end();
    }
    const object = this.objects.get(`${bucket}/${key}`);
    if (object === undefined) return xml(response, "<Error><Code>NoSuchKey</Code><Message>no</Message></Error>", 404);
    response.writeHead(200, { ...object.headers, "content-length": object.body.length });
    if (this.breaks > 0 && key.includes("_CloudTrail_")) {
      this.breaks -= 1;
      response.write(object.body.subarray(0, 20));
      setImmediate(() => response.destroy());
    } else response.end(object.body);
  }

  #list(bucket: string, url: URL, response: ServerResponse): void {
    const query = (name: string): string => url.searchParams.get(name) ?? "";
    const after = query("continuation-token") || query("start-after") || query("marker");
    const found = [...this.objects.keys()]
      .filter((name) => name.startsWith(`${bucket}/${query("prefix")}`))
      .map((name) => name.slice(bucket.length + 1))
      .filter((key) => key > after)
      .sort();
    const page = found.slice(0, this.pageSize);
    const contents = page.map((key) => {
      const modified = new Date(this.objects.get(`${bucket}/${key}`)?.modified ?? 0).toISOString();
      return `<Contents><Key>${encodeURIComponent(key).replaceAll("%2F", "/")}</Key><LastModified>${modified}</LastModified><Size>1</Size></Contents>`;
    });
    const more =
      found.length > page.length
        ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken><NextMarker>${page.at(-1)}</NextMarker>`
        : "";
    xml(
      response,
      `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${more !== ""}</IsTruncated>${more}${contents.join("")}</ListBucketResult>`,
    );
  }

  #cloudTrail(operation: string, body: Buffer, response: ServerResponse): void {
    const { StartTime: from, EndTime: to } = JSON.parse(body.toString() || "{}") as { StartTime?: number; EndTime?: number };
    const { arn, s3BucketName, logging, stoppedAt, startedAt = 0 } = this.trail;
    const shown = {
      TrailARN: arn,
      Name: "audit",
      S3BucketName: s3BucketName,
      LogFileValidationEnabled: true,
      IsOrganizationTrail: false,
    };
    const answers: Readonly<Record<string, unknown>> = {
      DescribeTrails: { trailList: [shown] },
      GetTrail: { Trail: shown },
      GetTrailStatus: {
        IsLogging: logging,
        StartLoggingTime: startedAt / 1000,
        ...(stoppedAt === undefined ? {} : { StopLoggingTime: stoppedAt / 1000 }),
      },
      ListPublicKeys: {
        PublicKeyList: this.keys.list("us-east-1", from, to).map(({ value, fingerprint, validFrom, validTo }) => ({
          Value: Buffer.from(value).toString("base64"),
          Fingerprint: fingerprint,
          ValidityStartTime: validFrom,
          ValidityEndTime: validTo,
        })),
      },
    };
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(answers[operation]));
  }
}

function xml(response: ServerResponse, text: string, status = 200): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>${text}`);
}
