import { request as httpRequest } from "node:http";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
} from "@aws-sdk/client-s3";
import { TestAccount } from "../embedded-account.test-support.ts";

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** An embedded account with one bucket, the SDK's client, and requests without an SDK. */
export class S3Lab {
  readonly bucket = "the-bucket";
  readonly account: TestAccount;
  s3: S3Client;

  constructor(account: TestAccount) {
    this.account = account;
    this.s3 = this.#connect();
  }

  static async start(): Promise<S3Lab> {
    const lab = new S3Lab(await new TestAccount().start());
    await lab.s3.send(new CreateBucketCommand({ Bucket: lab.bucket }));
    return lab;
  }

  async stop(): Promise<void> {
    this.s3.destroy();
    await this.account.remove();
  }

  /** Connections to an account that was closed are dead: the client is another afterwards. */
  async restart(): Promise<void> {
    await this.account.restart();
    this.s3.destroy();
    this.s3 = this.#connect();
  }

  async put(Key: string, Body: NonNullable<PutObjectCommandInput["Body"]>, rest: object = {}): Promise<PutObjectCommandOutput> {
    return await this.s3.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body, ...rest }));
  }

  async text(Key: string, rest: { Range?: string } = {}): Promise<string> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key, ...rest }));
    return (await Body?.transformToString()) ?? "";
  }

  async raw(method: string, target: string, headers: Record<string, string> = {}, body?: string | Buffer): Promise<RawAnswer> {
    return await new Promise((resolve, reject) => {
      const sent = httpRequest({ host: "127.0.0.1", port: this.account.port, method, path: target, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
        );
      });
      sent.on("error", reject).end(body);
    });
  }

  /** Files of bodies on the disk. */
  bodies(): number {
    return readdirSync(join(this.account.directory, "embedded/s3/bodies")).length;
  }

  #connect(): S3Client {
    return new S3Client({
      endpoint: this.account.url,
      region: "us-east-1",
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
  }
}
