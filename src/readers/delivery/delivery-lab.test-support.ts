import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { openTrailStore } from "../../account/trails/drivers/sqlite/open-trail-store.ts";
import type { Trail } from "../../account/trails/trail.ts";
import type { TrailStore } from "../../account/trails/trail-store.ts";
import { type Clock, isoSeconds } from "../../base/clock.ts";
import { createLogger } from "../../base/logger.ts";
import type { Timers } from "../../base/timers.ts";
import type { EventIndex } from "../../event/built-event.ts";
import { openSegmentJournal } from "../../journal/drivers/segments/open-segment-journal.ts";
import type { Journal, JournalEntry, Position } from "../../journal/journal.ts";
import { createReaderHost, type ReaderHost } from "../reader-host.ts";
import { createDelivery, type Delivery } from "./delivery.ts";
import { openDeliveryDatabase } from "./delivery-database.ts";
import type { DeliverySettings } from "./delivery-settings.ts";
import { DeliveredFiles } from "./digest/delivered-files.ts";
import type { FakeS3 } from "./s3-fake.test-support.ts";

export const ACCOUNT = "111122223333";
export const MEMBER = "444455556666";

/** Time that passes when a test says so. */
export class TestTime implements Clock, Timers {
  #now: number;
  #elapsed = 0;
  #next = 0;
  readonly #timers = new Map<number, { at: number; run: () => void }>();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  after(milliseconds: number, run: () => void): () => void {
    const id = this.#next++;
    this.#timers.set(id, { at: this.#elapsed + milliseconds, run });
    return () => void this.#timers.delete(id);
  }

  /** Sets the clock, forward or back; nobody's waiting ends by that. */
  set(now: number): void {
    this.#now = now;
  }

  pass(milliseconds: number): void {
    const until = this.#elapsed + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].filter(([, { at }]) => at <= until).toSorted(([, a], [, b]) => a.at - b.at);
      if (next === undefined) break;
      const [id, { at, run }] = next;
      this.#timers.delete(id);
      this.#now += Math.max(0, at - this.#elapsed);
      this.#elapsed = Math.max(this.#elapsed, at);
      run();
    }
    this.#now += until - this.#elapsed;
    this.#elapsed = until;
  }
}

export interface TestEvent {
  readonly id: string;
  readonly account?: string;
  readonly region?: string;
  readonly source?: string;
  readonly name?: string;
  readonly readOnly?: boolean;
  readonly category?: EventIndex["category"];
  /** Epoch milliseconds. */
  readonly time?: number;
  readonly requestId?: string;
  /** Further members of the record. */
  readonly record?: Readonly<Record<string, unknown>>;
  readonly username?: string | undefined;
}

export function eventEntry(event: TestEvent): JournalEntry {
  const { id, account = ACCOUNT, region = "us-east-1", source = "ec2.amazonaws.com", name = "RunInstances" } = event;
  const { readOnly = false, category = "Management", time = 1_790_000_000_000, requestId = `request-of-${id}` } = event;
  const index: EventIndex = {
    eventId: id,
    time: Math.floor(time / 1000),
    account,
    region,
    category,
    source,
    name,
    readOnly,
    resources: [],
    ...("username" in event ? (event.username === undefined ? {} : { username: event.username }) : { username: "alice" }),
  };
  const record = {
    eventVersion: "1.11",
    userIdentity: { type: "IAMUser", accountId: account },
    eventTime: isoSeconds(time),
    eventSource: source,
    eventName: name,
    awsRegion: region,
    requestID: requestId,
    eventID: id,
    readOnly,
    eventType: "AwsApiCall",
    recipientAccountId: account,
    eventCategory: category,
    ...event.record,
  };
  return { kind: "event", head: Buffer.from(JSON.stringify(index)), body: Buffer.from(JSON.stringify(record)) };
}

/** What delivery itself did, as it is recorded. */
export function ownEvent(id: string, bucket: string, key: string): TestEvent {
  return {
    id,
    source: "s3.amazonaws.com",
    name: "PutObject",
    username: undefined,
    record: {
      userIdentity: { type: "AWSService", invokedBy: "cloudtrail.amazonaws.com" },
      requestParameters: { bucketName: bucket, key },
    },
  };
}

export interface LabOptions {
  readonly s3: FakeS3;
  readonly time?: TestTime;
  readonly settings?: Partial<DeliverySettings>;
  readonly organization?: { readonly id: string; account(accountId: string): unknown };
}

/** A journal, trails and their delivery on one data directory, which can be ended in two ways and begun again. */
export class DeliveryLab {
  readonly root = mkdtempSync(join(tmpdir(), "delivery-"));
  readonly #options: LabOptions;
  readonly time: TestTime | undefined;
  journal!: Journal;
  trails!: TrailStore;
  database!: DatabaseSync;
  delivery!: Delivery;
  host!: ReaderHost;
  #requests = 0;

  constructor(options: LabOptions) {
    this.#options = options;
    this.time = options.time;
  }

  async open(): Promise<this> {
    const logger = createLogger(process.env["DELIVERY_LOG"] ?? "silent");
    const { s3, time, settings, organization } = this.#options;
    this.journal = await openSegmentJournal({ directory: join(this.root, "journal"), logger, segmentBytes: 256 * 1024 });
    this.trails = openTrailStore(join(this.root, "trails.sqlite"));
    this.database = openDeliveryDatabase(join(this.root, "delivery.sqlite"));
    const client = s3.client();
    this.delivery = createDelivery({
      database: this.database,
      files: new DeliveredFiles(this.database),
      journal: this.journal,
      trails: this.trails,
      clients: { s3: () => client },
      settings: {
        flushMilliseconds: 50,
        flushOctets: 4096,
        acl: true,
        encryption: true,
        requestMilliseconds: 1_000,
        ...settings,
      },
      organization,
      clock: time ?? { now: () => Date.now() },
      ...(time === undefined ? {} : { timers: time }),
      logger,
    });
    this.host = createReaderHost({
      journal: this.journal,
      readers: [],
      logger,
      keepEntries: 0,
      trimStep: 1,
      batchLimit: 7,
      gatherMilliseconds: 0,
      retryDelays: { first: 1, most: 20 },
      keepFrom: () => this.delivery.keepFrom(),
    });
    this.delivery.start(this.host);
    return this;
  }

  /** As a process that is told to stop. */
  async close(): Promise<void> {
    await this.pumping(this.delivery.close());
    await this.host.close();
    await this.#release();
  }

  /** As a process that is killed: nothing more is written to its state, whatever is still on its way to S3. */
  async kill(): Promise<void> {
    this.database.close();
    await this.pumping(this.delivery.close().catch(() => {}));
    await this.host.close();
    await this.#release();
  }

  /** Lets time pass until something is done. */
  async pumping<Result>(work: Promise<Result>): Promise<Result> {
    const pump = setInterval(() => this.time?.pass(1_000), 2);
    try {
      return await work;
    } finally {
      clearInterval(pump);
    }
  }

  /** Lets time pass until `condition` holds; throws when it does not within twenty seconds of the machine's time. */
  async until(condition: () => boolean, milliseconds = 500): Promise<void> {
    const end = performance.now() + 20_000;
    while (!condition()) {
      if (performance.now() > end) throw new Error("it did not come to that");
      this.time?.pass(milliseconds);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  append(events: readonly TestEvent[]): Promise<Position> {
    return this.journal.append(events.map(eventEntry));
  }

  async addTrail(trail: Partial<Trail> = {}): Promise<Trail> {
    const whole = testTrail(trail);
    await this.trails.add(whole, this.place(), () => undefined);
    return whole;
  }

  /** Answers the id of the request that did it. */
  async updateTrail(trail: Trail, change: Partial<Trail>): Promise<string> {
    const place = this.place();
    await this.trails.update(trail, place, (before) => ({ ...before, ...change }));
    return place.requestId;
  }

  place(): { after: Position; requestId: string } {
    return { after: this.journal.status().last, requestId: `change-${++this.#requests}-${Math.random()}` };
  }

  async #release(): Promise<void> {
    await this.trails.close();
    await this.journal.close();
    if (this.database.isOpen) this.database.close();
  }
}

export function testTrail(trail: Partial<Trail> = {}): Trail {
  const name = trail.name ?? "trail";
  return {
    id: `id-of-${name}`,
    accountId: ACCOUNT,
    name,
    homeRegion: "us-east-1",
    arn: `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/${name}`,
    s3BucketName: "logs",
    includeGlobalServiceEvents: true,
    isMultiRegionTrail: true,
    logFileValidationEnabled: false,
    isOrganizationTrail: false,
    recursiveLogging: true,
    logging: true,
    tags: [],
    createdAt: 1_772_000_000_000,
    ...trail,
  };
}
