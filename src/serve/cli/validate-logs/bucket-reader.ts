import type { IncomingMessage } from "node:http";
import { parseXml, type XmlElement } from "../../../aws/xml/parse-xml.ts";
import { CliError } from "../endpoint-client.ts";
import { describeError, readAnswer, type SignedHttp } from "./signed-http.ts";

export interface ListedObject {
  readonly key: string;
  /** Epoch seconds; NaN where the store does not say. */
  readonly modified: number;
}

const LIST_BYTES = 16 * 1024 * 1024;
/** A list without end, from a store that means harm. */
const MAX_PAGES = 100_000;

/** Reads the objects of S3 buckets, each signed for the Region of its bucket. */
export class BucketReader {
  readonly #http: SignedHttp;
  readonly #endpoint: string;
  readonly #region: string;
  readonly #regions = new Map<string, Promise<string>>();

  constructor(http: SignedHttp, endpoint: string, region: string) {
    this.#http = http;
    this.#endpoint = endpoint;
    this.#region = region;
  }

  /** In the order of their keys: those below `prefix` and behind `after`. */
  async *list(bucket: string, prefix: string, after: string): AsyncGenerator<ListedObject> {
    let from: Readonly<Record<string, string>> = { "start-after": after };
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = new URLSearchParams({ "list-type": "2", "encoding-type": "url", prefix, ...from });
      const answer = await this.#get(bucket, undefined, query.toString().replaceAll("+", "%20"));
      if (answer.statusCode !== 200) throw await failed(`s3://${bucket}`, answer);
      const root = documentOf(bucket, await readAnswer(answer, LIST_BYTES));
      const encoded = childText(root, "EncodingType") === "url";
      for (const child of root.children) {
        if (child.name !== "Contents") continue;
        const key = childText(child, "Key") ?? "";
        yield {
          key: encoded ? decoded(key) : key,
          modified: Date.parse(childText(child, "LastModified") ?? "") / 1000,
        };
      }
      const token = childText(root, "NextContinuationToken");
      if (childText(root, "IsTruncated") !== "true" || token === undefined) return;
      from = { "continuation-token": token };
    }
    throw new CliError(`s3://${bucket} has more than ${MAX_PAGES} pages of objects.`);
  }

  /** The object's answer, whose body MUST be read or destroyed; undefined where there is none. Throws `CliError`. */
  async get(bucket: string, key: string): Promise<IncomingMessage | undefined> {
    const answer = await this.#get(bucket, key, "");
    if (answer.statusCode === 200) return answer;
    const error = await describeError(answer);
    if (answer.statusCode === 404 && ["NoSuchKey", "HTTP 404"].includes(error.code)) return undefined;
    throw new CliError(`s3://${bucket}/${key}: ${error.code}: ${error.message}`);
  }

  async put(bucket: string, key: string, body: Uint8Array): Promise<void> {
    const answer = await this.#http.send({
      method: "PUT",
      endpoint: this.#endpoint,
      path: pathOf(bucket, key),
      headers: { "content-type": "application/json" },
      body,
      service: "s3",
      region: await this.#regionOf(bucket),
    });
    if (answer.statusCode !== 200) throw await failed(`s3://${bucket}/${key}`, answer);
    answer.resume();
  }

  async #get(bucket: string, key: string | undefined, query: string): Promise<IncomingMessage> {
    const path = pathOf(bucket, key);
    const region = await this.#regionOf(bucket);
    return await this.#http.send({ method: "GET", endpoint: this.#endpoint, path, query, service: "s3", region });
  }

  async #regionOf(bucket: string): Promise<string> {
    let region = this.#regions.get(bucket);
    if (region === undefined) this.#regions.set(bucket, (region = this.#findRegion(bucket)));
    return await region;
  }

  /** Stores that do not know Regions, or do not tell them, take the caller's own. */
  async #findRegion(bucket: string): Promise<string> {
    const path = pathOf(bucket, undefined);
    const request = { method: "GET", endpoint: this.#endpoint, path, query: "location=", service: "s3" } as const;
    const answer = await this.#http.send({ ...request, region: this.#region });
    if (answer.statusCode !== 200) {
      answer.resume();
      return this.#region;
    }
    const { text } = documentOf(bucket, await readAnswer(answer, LIST_BYTES));
    if (text === "") return "us-east-1";
    return text === "EU" ? "eu-west-1" : text;
  }
}

/** Path-style: bucket names with dots, and stores without names of their own for buckets, need it. */
function pathOf(bucket: string, key: string | undefined): string {
  const escape = (text: string): string =>
    encodeURIComponent(text.toWellFormed()).replace(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  const folder = `/${escape(bucket)}`;
  return key === undefined ? folder : `${folder}/${key.split("/").map(escape).join("/")}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function documentOf(bucket: string, bytes: Uint8Array): XmlElement {
  try {
    return parseXml(bytes);
  } catch (error) {
    throw new CliError(`s3://${bucket} is not told of in XML: ${(error as Error).message}`);
  }
}

function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

async function failed(what: string, answer: IncomingMessage): Promise<CliError> {
  const { code, message } = await describeError(answer);
  return new CliError(`${what}: ${code}: ${message}`);
}
