import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Trail } from "../account/trails/trail.ts";
import type { Position } from "../journal/journal.ts";
import type { TrailReport } from "../readers/delivery/delivery.ts";
import type { DestinationChecks } from "../readers/delivery/destination-checks.ts";
import type { PublicKey, SigningKeys } from "../readers/delivery/digest/signing-keys.ts";
import type { TrailAccount, TrailStatus, TrailStatusSource } from "../readers/delivery/trail-status.ts";
import type { DeliveryParts, OpenDelivery } from "./open-delivery.ts";

const NOTHING: TrailAccount = { recorded: 0, delivered: 0, filtered: 0, pending: 0, expired: 0 };

/**
 * Delivery, loaded with the AWS clients when somebody first wants it: at the start where there ever was a trail, or a sink is set, else
 * when a trail's destinations are checked, which comes before each trail.
 */
export class TrailDelivery implements DestinationChecks, TrailStatusSource, Pick<SigningKeys, "published"> {
  readonly #parts: Omit<DeliveryParts, "host">;
  #host: DeliveryParts["host"] | undefined;
  #opening: Promise<OpenDelivery> | undefined;
  #open: OpenDelivery | undefined;

  constructor(parts: Omit<DeliveryParts, "host">) {
    this.#parts = parts;
  }

  /** To be called before anything is served. @param host drives the lanes. */
  async start(host: DeliveryParts["host"]): Promise<void> {
    this.#host = host;
    const { config } = this.#parts;
    const { webhooks, ndjson } = config.delivery;
    const wanted = webhooks.length + ndjson.length > 0 || existsSync(join(config.dataDir, "delivery.sqlite"));
    if (wanted || (await this.#parts.trails.all()).length > 0) await this.#opened();
  }

  async check(trail: Trail, before: Trail | undefined, signal: AbortSignal): Promise<Trail> {
    return await (await this.#opened()).checks.check(trail, before, signal);
  }

  status(trailId: string, region: string): TrailStatus {
    return this.#open?.status(trailId, region) ?? {};
  }

  account(trailId: string): TrailAccount {
    return this.#open?.account(trailId) ?? NOTHING;
  }

  report(): readonly TrailReport[] {
    return this.#open?.report() ?? [];
  }

  async published(region: string, from?: number, to?: number): Promise<readonly PublicKey[]> {
    return (await this.#open?.publicKeys(region, from, to)) ?? [];
  }

  keepFrom(): Position {
    if (this.#open !== undefined) return this.#open.keepFrom();
    // Until it is known what the lanes need, nothing goes.
    return this.#opening === undefined ? Infinity : 0;
  }

  async close(): Promise<void> {
    await (await this.#opening?.catch(() => undefined))?.close();
  }

  async #opened(): Promise<OpenDelivery> {
    const host = this.#host;
    if (host === undefined) throw new Error("BUG: trails were asked for before the readers");
    this.#opening ??= import("./open-delivery.ts").then(async ({ openDelivery }) => await openDelivery({ ...this.#parts, host }));
    try {
      this.#open = await this.#opening;
      return this.#open;
    } catch (error) {
      // The next one tries again.
      this.#opening = undefined;
      throw error;
    }
  }
}
