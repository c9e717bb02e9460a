import { createHash, generateKeyPairSync, sign, verify } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import type { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { pino } from "pino";
import type { Trail } from "../../../account/trails/trail.ts";
import type { Timers } from "../../../base/timers.ts";
import { DeliveredFiles } from "./delivered-files.ts";
import { createDigester, type Digester } from "./digester.ts";

export const ACCOUNT = "111122223333";
export const T0 = Date.UTC(2026, 2, 10, 15, 29, 23);
const PAIR = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** What becomes of a PUT: `lost` is stored without an acknowledgement, `hang` answers nothing. */
export type Destination = "well" | "refuses" | "lost" | "hang";

export interface StoredDigest {
  readonly bucket: string;
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever a reader of the file finds
  readonly content: any;
}

/** A digester on a database of its own before a destination that can be broken, in time that passes when told. */
export class DigestScene {
  now = T0;
  destination: Destination = "well";
  drained = true;
  readonly trails: Trail[] = [];
  readonly objects = new Map<string, StoredDigest>();
  /** PUTs of other bytes to a key that had some. */
  readonly rewritten: string[] = [];
  readonly files: DeliveredFiles;
  readonly delivered = new Map<string, { readonly required: boolean }>();
  readonly minutes: number;
  readonly maxFiles: number | undefined;
  readonly outcomes: string[] = [];
  digester: Digester;
  readonly database = new DatabaseSync(":memory:");
  #elapsed = 0;
  #timers: { at: number; run: () => void }[] = [];
  #listeners = new Set<() => void>();

  constructor(minutes = 60, maxFiles?: number) {
    this.minutes = minutes;
    this.maxFiles = maxFiles;
    this.files = new DeliveredFiles(this.database);
    this.digester = this.#open();
  }

  /** Sets a trail as it is from now on. */
  set(trail: Trail): void {
    const at = this.trails.findIndex(({ id }) => id === trail.id);
    if (at < 0) this.trails.push(trail);
    else this.trails[at] = trail;
    for (const listener of this.#listeners) listener();
  }

  remove(trail: Trail): void {
    this.trails.splice(
      this.trails.findIndex(({ id }) => id === trail.id),
      1,
    );
    for (const listener of this.#listeners) listener();
  }

  deliver(trail: Trail, region = "us-east-1", account = ACCOUNT): string {
    const key = `AWSLogs/${account}/CloudTrail/${region}/file-${this.delivered.size}.json.gz`;
    const [newest, oldest] = [Math.floor(this.now / 1000) - 1, Math.floor(this.now / 1000) - 5];
    const hash = createHash("sha256").update(key).digest("hex");
    this.files.add({
      trailId: trail.id,
      account,
      region,
      bucket: trail.s3BucketName,
      key,
      hash,
      newest,
      oldest,
      deliveredAt: this.now,
    });
    this.delivered.set(key, { required: trail.logFileValidationEnabled });
    return key;
  }

  /** Lets time pass, as the clock and the machine see it, in looks of at most `step` seconds. */
  async pass(seconds: number, step = Infinity): Promise<void> {
    for (let left = seconds; left > 0; left -= step) {
      const part = Math.min(left, step);
      this.now += part * 1000;
      this.#elapsed += part * 1000;
      const due = this.#timers.filter(({ at }) => at <= this.#elapsed);
      this.#timers = this.#timers.filter(({ at }) => at > this.#elapsed);
      for (const { run } of due) run();
      await this.settle();
    }
  }

  async settle(): Promise<void> {
    await this.digester.look();
    for (let n = 0; n < 12; n += 1) await turn();
  }

  async restart(): Promise<void> {
    await this.digester.close();
    this.digester = this.#open();
    await this.settle();
  }

  /** Digests as they were stored, in the order of their ends. */
  digests(): readonly StoredDigest[] {
    const end = ({ content }: StoredDigest): string => `${content.digestEndTime} ${content.digestS3Object}`;
    return [...this.objects.values()].sort((a, b) => (end(a) < end(b) ? -1 : 1));
  }

  #open(): Digester {
    const trails = {
      all: async (): Promise<readonly Trail[]> => [...this.trails],
      onChange: (listener: () => void): (() => void) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
    const timers: Timers = {
      elapsed: () => this.#elapsed,
      after: (milliseconds, run) => {
        const timer = { at: this.#elapsed + milliseconds, run };
        this.#timers.push(timer);
        return () => void (this.#timers = this.#timers.filter((one) => one !== timer));
      },
    };
    const signer = {
      fingerprint: "f",
      sign: (text: string): string => sign("sha256", Buffer.from(text), PAIR.privateKey).toString("hex"),
    };
    return createDigester({
      database: this.database,
      files: this.files,
      trails,
      keys: { signer: async () => signer, noteSigned: () => undefined },
      outcomes: {
        succeeded: () => void this.outcomes.push("succeeded"),
        failed: (_trail, _region, _kind, _now, code) => void this.outcomes.push(code ?? "silence"),
      },
      destinations: { s3: () => ({ send: this.#put.bind(this) }) as unknown as S3Client },
      settings: { acl: true, encryption: true },
      organizationId: (trail) => (trail.isOrganizationTrail ? "o-exampleorgid" : undefined),
      isDrained: () => this.drained,
      digestMinutes: this.minutes,
      clock: { now: () => this.now },
      logger: pino({ level: "silent" }),
      timers,
      ...(this.maxFiles === undefined ? {} : { maxFiles: this.maxFiles }),
    });
  }

  async #put({ input }: PutObjectCommand, { abortSignal }: { abortSignal: AbortSignal }): Promise<void> {
    if (this.destination === "hang") {
      await new Promise((_, fail) => abortSignal.addEventListener("abort", () => fail(abortSignal.reason)));
    }
    if (this.destination === "refuses") {
      throw Object.assign(new Error("no"), { name: "AccessDenied", $metadata: { httpStatusCode: 403 } });
    }
    const [bucket, key] = [String(input.Bucket), String(input.Key)];
    const text = gunzipSync(input.Body as Uint8Array).toString();
    const before = this.objects.get(`${bucket}/${key}`);
    if (before !== undefined && before.text !== text) this.rewritten.push(key);
    this.objects.set(`${bucket}/${key}`, { bucket, key, metadata: { ...input.Metadata }, text, content: JSON.parse(text) });
    if (this.destination === "lost") throw new Error("socket hang up");
  }
}

export function trailOf(more: Partial<Trail> = {}): Trail {
  return {
    id: "t1",
    accountId: ACCOUNT,
    name: "audit",
    homeRegion: "us-east-1",
    arn: `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/audit`,
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
    ...more,
  };
}

/** What is wrong with the digests as they lie in the buckets; nothing should be. */
export function problemsOf(scene: DigestScene): readonly string[] {
  const problems = scene.rewritten.map((key) => `${key} was written with other bytes`);
  const named = new Map<string, number>();
  const successors = new Map<string, number>();
  const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
  for (const { bucket, key, metadata, text, content } of scene.digests()) {
    const signed = `${content.digestEndTime}\n${bucket}/${key}\n${hash(text)}\n${content.previousDigestSignature ?? "null"}`;
    if (!verify("sha256", Buffer.from(signed), PAIR.publicKey, Buffer.from(metadata["signature"] ?? "", "hex"))) {
      problems.push(`${key} is not signed`);
    }
    if (content.digestS3Object !== key || content.digestS3Bucket !== bucket) problems.push(`${key} says it is elsewhere`);
    if (!key.includes(content.digestEndTime.replaceAll(/[-:]/g, ""))) problems.push(`${key} ends at ${content.digestEndTime}`);
    if (content.digestStartTime >= content.digestEndTime) problems.push(`${key} has no duration`);
    if (key.endsWith("_backfill.json.gz") !== (metadata["backfill-generation-timestamp"] !== undefined)) {
      problems.push(`${key} does not say that it fills a gap`);
    }
    for (const { s3Object } of content.logFiles) named.set(s3Object, (named.get(s3Object) ?? 0) + 1);
    if (content.previousDigestS3Object === null) continue;
    const place = `${content.previousDigestS3Bucket}/${content.previousDigestS3Object}`;
    successors.set(place, (successors.get(place) ?? 0) + 1);
    const previous = scene.objects.get(place);
    if (previous === undefined) problems.push(`${key} follows ${place}, which is not there`);
    else {
      if (hash(previous.text) !== content.previousDigestHashValue) problems.push(`${key} has another hash of ${place}`);
      if (previous.metadata["signature"] !== content.previousDigestSignature) problems.push(`${key} has another signature`);
      if (previous.content.digestEndTime > content.digestStartTime) problems.push(`${key} overlaps ${place}`);
    }
  }
  for (const [place, count] of successors) if (count > 1) problems.push(`${place} has ${count} successors`);
  for (const [key, count] of named) if (count > 1) problems.push(`${key} is in ${count} digests`);
  for (const [key, { required }] of scene.delivered) if (required && !named.has(key)) problems.push(`${key} is in no digest`);
  return problems;
}
