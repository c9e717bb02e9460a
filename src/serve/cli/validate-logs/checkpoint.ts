import { readFile } from "node:fs/promises";
import { replaceFile } from "../../../base/replace-file.ts";
import { CliError } from "../endpoint-client.ts";
import type { BucketReader } from "./bucket-reader.ts";
import { readAnswer } from "./signed-http.ts";

/** The end of a chain of digests as a check found it. */
export interface ChainHead {
  readonly bucket: string;
  readonly key: string;
  /** Lower-case hex. */
  readonly hash: string;
  readonly signature: string;
}

/** What one check leaves for the next, out of reach of whoever may write to the trail's bucket. */
export interface Checkpoint {
  readonly trailArn: string;
  readonly accountId: string;
  readonly region: string;
  /** Oldest first. */
  readonly heads: readonly ChainHead[];
}

const FORMAT = "opentrail-checkpoint-1";
const MAX_BYTES = 16 * 1024 * 1024;
/** A trail that is stopped and started more often than that keeps the newest ends. */
const MAX_HEADS = 10_000;

/** A file, or an object (`s3://BUCKET/KEY`) of a bucket that others keep. */
export class CheckpointStore {
  readonly #place: string;
  readonly #object: { readonly bucket: string; readonly key: string } | undefined;
  readonly #objects: BucketReader;

  constructor(place: string, objects: BucketReader) {
    this.#place = place;
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(place) ?? [];
    if (place.startsWith("s3://") && key === undefined) throw new CliError(`"${place}" is not s3://BUCKET/KEY`);
    this.#object = bucket === undefined || key === undefined ? undefined : { bucket, key };
    this.#objects = objects;
  }

  /** Undefined where there is none yet. Throws `CliError` for what is none. */
  async read(): Promise<Checkpoint | undefined> {
    const text = await this.#text();
    if (text === undefined) return undefined;
    try {
      const value = JSON.parse(text) as Readonly<Record<string, unknown>>;
      const { format, trailArn, accountId, region, heads } = value;
      const areTexts = [trailArn, accountId, region].every((member) => typeof member === "string");
      if (format === FORMAT && areTexts && Array.isArray(heads) && heads.every(isHead)) return value as unknown as Checkpoint;
    } catch {
      // Said below.
    }
    throw new CliError(`${this.#place} is not a checkpoint of validate-logs`);
  }

  async write(checkpoint: Checkpoint): Promise<void> {
    const text = `${JSON.stringify({ format: FORMAT, ...checkpoint, heads: checkpoint.heads.slice(-MAX_HEADS) }, undefined, 2)}\n`;
    if (this.#object === undefined) await replaceFile(this.#place, text);
    else await this.#objects.put(this.#object.bucket, this.#object.key, Buffer.from(text));
  }

  async #text(): Promise<string | undefined> {
    if (this.#object !== undefined) {
      const answer = await this.#objects.get(this.#object.bucket, this.#object.key);
      return answer === undefined ? undefined : (await readAnswer(answer, MAX_BYTES)).toString();
    }
    try {
      return await readFile(this.#place, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw new CliError(`Cannot read the checkpoint: ${(error as Error).message}`);
    }
  }
}

function isHead(value: unknown): boolean {
  const { bucket, key, hash, signature } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return [bucket, key, hash, signature].every((member) => typeof member === "string");
}
