import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../base/clock.ts";
import type { Position } from "../../journal/journal.ts";
import { Announcements } from "./announcements.ts";
import { inTransaction } from "../../base/in-transaction.ts";
import type { DeliveredFiles } from "./digest/delivered-files.ts";
import { KeySequence } from "./key-sequence.ts";
import { logFileKey } from "./log-file-key.ts";
import type { LogFamily } from "./log-family.ts";
import type { LogPlan, NewLogPlan, PlanAddress } from "./log-plan.ts";
import { TrailEnds } from "./trail-ends.ts";
import { TrailOutcomes } from "./trail-outcomes.ts";

/** How a trail's events divide, as far as they are planned. */
export interface LaneCounts {
  readonly recorded: number;
  readonly filtered: number;
  readonly delivered: number;
  readonly expired: number;
}

export interface LaneRow extends LaneCounts {
  /** All up to here is in a plan, delivered or left out. */
  readonly planned: Position;
  /** All data events up to here are in a plan of aggregated ones, or are not to be aggregated. */
  readonly aggregated: Position;
  /** Milliseconds for which its files have been refused since one was taken. */
  readonly refused: number;
}

/** Where a trail's files go at the moment. */
export interface LogDestination {
  readonly bucket: string;
  readonly prefix: string | undefined;
  readonly kmsKeyId: string | undefined;
  readonly organizationId: string | undefined;
}

export interface DeliveredPlan {
  readonly plan: LogPlan;
  /** Of the uncompressed content, lower-case hex. */
  readonly hash: string;
  /** Epoch seconds of the oldest and the newest event. */
  readonly oldest: number;
  readonly newest: number;
  /** Of `plan.events`, those that are in the file: damaged entries of the journal are not. */
  readonly events: number;
  /** ARN of the topic that is to hear of it. */
  readonly topic: string | undefined;
}

/**
 * How far the S3 delivery of each trail is, in the database of delivery. What a method changes is durable when it returns:
 * positions, plans, counts, outcomes and files move together or not at all.
 */
export class DeliveryState {
  readonly ends: TrailEnds;
  readonly outcomes: TrailOutcomes;
  readonly announcements: Announcements;
  readonly #database: DatabaseSync;
  readonly #files: Pick<DeliveredFiles, "add">;
  readonly #keys: KeySequence;
  readonly #clock: Clock;

  constructor(database: DatabaseSync, files: Pick<DeliveredFiles, "add">, clock: Clock) {
    this.#database = database;
    this.#files = files;
    this.#clock = clock;
    this.ends = new TrailEnds(database);
    this.outcomes = new TrailOutcomes(database);
    this.announcements = new Announcements(database);
    this.#keys = new KeySequence(database, clock);
  }

  /** The trail's lane; one that nobody knows begins behind `from`. */
  lane(trailId: string, from: Position): LaneRow {
    this.#database
      .prepare("INSERT INTO lanes (trail, planned, aggregated) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
      .run(trailId, from, from);
    const row = this.#database.prepare("SELECT * FROM lanes WHERE trail = ?").get(trailId);
    return {
      planned: Number(row?.["planned"]),
      aggregated: Number(row?.["aggregated"]),
      recorded: Number(row?.["recorded"]),
      filtered: Number(row?.["filtered"]),
      delivered: Number(row?.["delivered"]),
      expired: Number(row?.["expired"]),
      refused: Number(row?.["refused"]),
    };
  }

  /** Trails that have a lane. */
  lanes(): readonly string[] {
    return this.#database
      .prepare("SELECT trail FROM lanes")
      .all()
      .map((row) => String(row["trail"]));
  }

  /** In the order in which they were made. */
  plans(trailId: string): readonly LogPlan[] {
    return this.#database.prepare("SELECT * FROM plans WHERE trail = ? ORDER BY id").all(trailId).map(planOf);
  }

  /**
   * Stores plans for all up to `upTo`, and with them what was recorded and left out since the last time. `aggregated`: up to
   * where no data event waits to be aggregated.
   */
  plan(
    trailId: string,
    upTo: Position,
    aggregated: Position,
    counts: Pick<LaneCounts, "recorded" | "filtered">,
    plans: readonly NewLogPlan[],
  ): readonly LogPlan[] {
    return inTransaction(this.#database, () => {
      this.#database
        .prepare("UPDATE lanes SET planned = ?, aggregated = ?, recorded = recorded + ?, filtered = filtered + ? WHERE trail = ?")
        .run(upTo, aggregated, counts.recorded, counts.filtered, trailId);
      return this.#insertPlans(trailId, upTo, plans);
    });
  }

  /** Stores plans for the aggregated events of all up to `upTo`. */
  planAggregates(trailId: string, upTo: Position, plans: readonly NewLogPlan[]): readonly LogPlan[] {
    return inTransaction(this.#database, () => {
      this.#database.prepare("UPDATE lanes SET aggregated = ? WHERE trail = ?").run(upTo, trailId);
      return this.#insertPlans(trailId, upTo, plans);
    });
  }

  /** Gives bucket and key to plans that have none. To be called before the first attempt: whatever comes of that, they keep them. */
  address(plans: readonly LogPlan[], destination: LogDestination): readonly LogPlan[] {
    if (plans.every(({ address }) => address !== undefined)) return plans;
    const { bucket, prefix, kmsKeyId, organizationId } = destination;
    return inTransaction(this.#database, () => {
      const parts = this.#keys.take(plans.length);
      const update = this.#database.prepare("UPDATE plans SET bucket = ?, key = ?, kms_key = ? WHERE id = ?");
      return plans.map((plan, at) => {
        const part = parts[at];
        if (plan.address !== undefined || part === undefined) return plan;
        const { family, account, region } = plan;
        const key = logFileKey(prefix, { family, account, region, organizationId, ...part });
        update.run(bucket, key, kmsKeyId ?? null, plan.id);
        return { ...plan, address: { bucket, key, kmsKeyId } };
      });
    });
  }

  /** Takes bucket and key away again: it is certain that nothing was written there. */
  unaddress(plans: readonly LogPlan[]): readonly LogPlan[] {
    const update = this.#database.prepare("UPDATE plans SET bucket = NULL, key = NULL, kms_key = NULL WHERE id = ?");
    inTransaction(this.#database, () => {
      for (const { id } of plans) update.run(id);
    });
    return plans.map((plan) => ({ ...plan, address: undefined }));
  }

  delivered(done: DeliveredPlan, address: PlanAddress): void {
    const { plan, hash, oldest, newest, events, topic } = done;
    const { trailId, account, region } = plan;
    const { bucket, key } = address;
    const deliveredAt = this.#clock.now();
    inTransaction(this.#database, () => {
      this.#removePlans([plan]);
      this.#database
        .prepare("UPDATE lanes SET delivered = delivered + ?, expired = expired + ? WHERE trail = ?")
        .run(events, plan.events - events, trailId);
      this.#files.add({ trailId, account, region, bucket, key, hash, newest, oldest, deliveredAt });
      if (topic !== undefined) this.announcements.insert({ trailId, region, topic, bucket, key, deliveredAt });
      this.outcomes.succeeded(trailId, region, "latestDelivery", deliveredAt);
    });
    if (topic !== undefined) this.announcements.added();
  }

  /** For so many milliseconds no file of the trail has been taken. */
  refused(trailId: string, milliseconds: number): void {
    this.#database.prepare("UPDATE lanes SET refused = ? WHERE trail = ?").run(Math.round(milliseconds), trailId);
  }

  /** Gives plans up. */
  expire(trailId: string, plans: readonly LogPlan[]): void {
    const events = plans.reduce((sum, plan) => sum + plan.events, 0);
    inTransaction(this.#database, () => {
      this.#removePlans(plans);
      this.#database.prepare("UPDATE lanes SET expired = expired + ? WHERE trail = ?").run(events, trailId);
    });
  }

  /** The trail is gone, and all of it is delivered. */
  forget(trailId: string): void {
    inTransaction(this.#database, () => {
      for (const table of ["lanes", "plans"]) this.#database.prepare(`DELETE FROM ${table} WHERE trail = ?`).run(trailId);
      this.ends.forget(trailId);
      this.outcomes.forget(trailId);
    });
  }

  #insertPlans(trailId: string, upTo: Position, plans: readonly NewLogPlan[]): readonly LogPlan[] {
    const insert = this.#database.prepare(
      "INSERT INTO plans (trail, revision, family, account, region, after, up_to, events, newest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    return plans.map((plan) => {
      const { revision, family, account, region, after, events, newest } = plan;
      const { lastInsertRowid } = insert.run(trailId, revision, family, account, region, after, upTo, events, newest);
      return { ...plan, trailId, upTo, id: Number(lastInsertRowid), address: undefined };
    });
  }

  #removePlans(plans: readonly LogPlan[]): void {
    const remove = this.#database.prepare("DELETE FROM plans WHERE id = ?");
    for (const { id } of plans) remove.run(id);
  }
}

function planOf(row: Readonly<Record<string, unknown>>): LogPlan {
  const { bucket, key, kms_key: kmsKey } = row;
  return {
    id: Number(row["id"]),
    trailId: String(row["trail"]),
    revision: String(row["revision"]),
    family: row["family"] as LogFamily,
    account: String(row["account"]),
    region: String(row["region"]),
    after: Number(row["after"]),
    upTo: Number(row["up_to"]),
    events: Number(row["events"]),
    newest: Number(row["newest"]),
    address:
      bucket === null
        ? undefined
        : { bucket: String(bucket), key: String(key), kmsKeyId: kmsKey === null ? undefined : String(kmsKey) },
  };
}
