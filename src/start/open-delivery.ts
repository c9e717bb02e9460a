import { join } from "node:path";
import type { Registry } from "prom-client";
import type { Organization } from "../account/organization/organization.ts";
import type { Trail } from "../account/trails/trail.ts";
import type { TrailStore } from "../account/trails/trail-store.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { Journal, Position } from "../journal/journal.ts";
import { createDestinationChecks } from "../readers/delivery/checks/create-destination-checks.ts";
import { createDelivery, type TrailReport } from "../readers/delivery/delivery.ts";
import { openDeliveryDatabase } from "../readers/delivery/delivery-database.ts";
import type { DestinationChecks } from "../readers/delivery/destination-checks.ts";
import { createDigester } from "../readers/delivery/digest/digester.ts";
import { DeliveredFiles } from "../readers/delivery/digest/delivered-files.ts";
import { type PublicKey, SigningKeys } from "../readers/delivery/digest/signing-keys.ts";
import { CloudWatchLogsSink } from "../readers/delivery/sinks/cloudwatch-logs-sink.ts";
import { createEventBridgeSink } from "../readers/delivery/sinks/event-bridge-sink.ts";
import { everyEvent, type LaneSelection } from "../readers/delivery/sinks/lane-event.ts";
import { LaneStore } from "../readers/delivery/sinks/lane-store.ts";
import { createNdjsonSink } from "../readers/delivery/sinks/ndjson-sink.ts";
import type { SinkLane } from "../readers/delivery/sinks/sink-lane.ts";
import { SnsNotifier } from "../readers/delivery/sinks/sns-notifier.ts";
import { TrailsSelection } from "../readers/delivery/sinks/trails-selection.ts";
import { createWebhookSink } from "../readers/delivery/sinks/webhook-sink.ts";
import type { TrailStatus } from "../readers/delivery/trail-status.ts";
import { coversAccount } from "../readers/delivery/trail-scope.ts";
import type { ReaderHost } from "../readers/reader-host.ts";
import type { Config } from "./config.ts";
import { deliverySeal } from "./delivery-seal.ts";
import { openDestinationClients } from "./destination-clients.ts";
import { Opened } from "./opened.ts";
import { openServiceDoor, type ServiceDoorOptions } from "./service-door.ts";
import { serviceKeys } from "./service-identities.ts";
import { registerSinkMetrics } from "./sink-metrics.ts";

/** In the data directory. */
export const DELIVERY_FILE = "delivery.sqlite";

const REQUEST_MILLISECONDS = 60_000;
const MEGABYTE = 1024 * 1024;
/** Hosts of AWS itself, which sends its events to EventBridge by itself. */
const AWS_HOST = /\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/;

export interface DeliveryParts extends Omit<ServiceDoorOptions, "dataDir" | "keys"> {
  readonly config: Config;
  readonly journal: Journal;
  readonly trails: TrailStore;
  readonly host: Pick<ReaderHost, "add" | "remove">;
  readonly organization: Organization | undefined;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Trails at work. */
export interface OpenDelivery {
  readonly checks: DestinationChecks;
  status(trailId: string, region: string): TrailStatus;
  report(): readonly TrailReport[];
  account(trailId: string): Omit<TrailReport, "arn" | "logging" | "status">;
  publicKeys(region: string, from?: number, to?: number): Promise<readonly PublicKey[]>;
  keepFrom(): Position;
  close(): Promise<void>;
}

/** Opens delivery with all its destinations; resolves when its lanes read. */
export async function openDelivery({
  config,
  journal,
  trails,
  host,
  organization,
  ...parts
}: DeliveryParts): Promise<OpenDelivery> {
  const { clock, logger } = parts;
  const { dataDir, delivery: settings } = config;
  const opened = new Opened();
  try {
    const keys = serviceKeys(config.accounts, config.accountId);
    const door = await openServiceDoor({ ...parts, dataDir, keys });
    opened.add(door);
    const clients = await openDestinationClients({ config, keys, door: door.path });
    opened.add(clients);
    const database = openDeliveryDatabase(join(dataDir, DELIVERY_FILE));
    opened.add({ close: async () => database.close() });

    const files = new DeliveredFiles(database);
    const delivery = createDelivery({
      database,
      files,
      journal,
      trails,
      clients,
      settings: {
        flushMilliseconds: settings.flushSeconds * 1000,
        flushOctets: settings.flushMegabytes * MEGABYTE,
        acl: settings.acl,
        encryption: settings.encryption,
        requestMilliseconds: REQUEST_MILLISECONDS,
      },
      organization,
      clock,
      logger,
    });
    const { ends, outcomes, announcements } = delivery;
    const covers = coversAccount(organization);
    const organizationId = (trail: Trail): string | undefined => (trail.isOrganizationTrail ? organization?.id : undefined);
    const store = new LaneStore({ database, logger });
    opened.add({ close: async () => store.close() });
    const common = { store, clients, clock, logger };
    delivery.serve(new CloudWatchLogsSink({ ...common, ends, outcomes, covers, organizationId }));
    opened.add(delivery);

    const signing = new SigningKeys({
      database,
      seal: deliverySeal(dataDir),
      clock,
    });
    const digester = createDigester({
      database,
      files,
      outcomes,
      trails,
      keys: signing,
      destinations: clients,
      settings,
      organizationId,
      isDrained: (trailId) => delivery.isAtRest(trailId),
      digestMinutes: settings.digestMinutes,
      clock,
      logger,
    });
    opened.add(digester);
    const latest = (id: string): Trail | undefined => trails.revisions().findLast(({ trail }) => trail.id === id)?.trail;
    const notifier = new SnsNotifier({ announcements, trail: latest, outcomes, clients, clock, logger });
    opened.add(notifier);

    const from = (): Position => journal.status().last;
    const selection = (counts: (trail: Trail) => boolean, everyManagementEvent: boolean): LaneSelection =>
      new TrailsSelection({ trails, ends, covers, counts, everyManagementEvent });
    const ofTrail = (named: string | undefined): LaneSelection =>
      named === undefined ? everyEvent : selection(({ name, arn }) => named === name || named === arn, false);
    const sinks: SinkLane[] = [
      ...(sendsToEventBridge(config)
        ? [
            createEventBridgeSink({
              ...common,
              from,
              selection: selection(() => true, true),
              optional: settings.eventBridge === "auto",
            }),
          ]
        : []),
      ...settings.webhooks.map(({ url, secretFile, trail }) =>
        createWebhookSink({
          ...common,
          from,
          url,
          selection: ofTrail(trail),
          ...(secretFile && { secretFile }),
          ...(trail && { trail }),
        }),
      ),
      ...settings.ndjson.map(({ path, trail }) =>
        createNdjsonSink({ ...common, from, path, selection: ofTrail(trail), ...(trail && { trail }) }),
      ),
    ];
    for (const sink of sinks) {
      host.add(sink);
      delivery.keepRevisionsFor(sink);
      opened.add({ close: async () => await host.remove(sink) });
    }
    notifier.start();
    delivery.start(host);
    registerSinkMetrics(parts.registry, store);
    return {
      checks: createDestinationChecks({
        clients,
        put: { acl: settings.acl, encryption: settings.encryption },
        requireBucketPolicy: settings.requireBucketPolicy,
        organizationOf: (accountId) => (organization?.account(accountId) === undefined ? undefined : organization.id),
      }),
      status: (trailId, region) => delivery.status(trailId, region),
      report: () => delivery.report(),
      account: (trailId) => delivery.account(trailId),
      publicKeys: async (region, first, last) => await signing.published(region, first, last),
      keepFrom: () => delivery.keepFrom(),
      close: () => opened.close(),
    };
  } catch (error) {
    await opened.close().catch((err: unknown) => logger.error({ err }, "could not close what was open of delivery"));
    throw error;
  }
}

function sendsToEventBridge({ delivery, upstreams }: Config): boolean {
  if (delivery.eventBridge !== "auto") return delivery.eventBridge === "on";
  const url = delivery.destinations.events?.url ?? upstreams["eventbridge"] ?? upstreams["events"] ?? upstreams["default"];
  return url === undefined ? Object.keys(upstreams).length === 0 : !AWS_HOST.test(new URL(url).hostname);
}
