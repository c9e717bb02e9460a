import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { collectDefaultMetrics, Registry } from "prom-client";
import { openTrailStore } from "../account/trails/drivers/sqlite/open-trail-store.ts";
import { loadCatalogue } from "../aws/catalogue/catalogue.ts";
import { isoSeconds, systemClock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { createGateway } from "../capture/gateway/gateway.ts";
import { createGatewayMetrics } from "../capture/gateway/gateway-metrics.ts";
import { createIdentities } from "../capture/identity/create-identities.ts";
import { createJournalRecorder } from "../capture/journal-recorder.ts";
import { openSegmentJournal } from "../journal/drivers/segments/open-segment-journal.ts";
import { createHistory } from "../readers/history/create-history.ts";
import { createReaderHost } from "../readers/reader-host.ts";
import { createTail } from "../readers/tail/tail.ts";
import { createCloudTrailApi } from "../serve/api/cloudtrail-api.ts";
import { events } from "../serve/own-paths/events.ts";
import { health } from "../serve/own-paths/health.ts";
import { indexPage } from "../serve/own-paths/index-page.ts";
import { metrics } from "../serve/own-paths/metrics.ts";
import { createOwnPaths } from "../serve/own-paths/own-paths.ts";
import { status } from "../serve/own-paths/status.ts";
import { tail as tailPath } from "../serve/own-paths/tail.ts";
import { isEmbedded, openBackends } from "./backends.ts";
import { callCounts } from "./call-counts.ts";
import type { Config } from "./config.ts";
import { diskSpace } from "./disk-space.ts";
import { openEventBuilder } from "./event-builder.ts";
import { registerStateMetrics } from "./state-metrics.ts";
import { VERSION } from "./version.ts";

/** A served endpoint. */
export interface Running {
  readonly url: string;
  /** For people: what stands behind. */
  readonly backend: string;
  /** Takes no more calls, finishes those in progress, lets the readers finish their batch, closes what is open. */
  close(): Promise<void>;
}

/** Builds OpenTrail from the store outward and starts to serve; stops in the opposite order. */
export async function compose(config: Config, logger: Logger): Promise<Running> {
  const clock = systemClock;
  const startedAt = isoSeconds(clock.now());
  const { dataDir } = config;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const closing: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of closing.toReversed()) await step();
    closing.length = 0;
  };

  try {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const catalogue = loadCatalogue();

    const journal = await openSegmentJournal({ directory: join(dataDir, "journal"), logger });
    closing.push(async () => await journal.close());

    const { retentionDays, dataEvents } = config.history;
    const history = createHistory({ dir: join(dataDir, "history"), retentionDays, dataEvents, clock, logger });
    const tail = createTail({ position: journal.status().last, logger });
    const host = createReaderHost({ journal, readers: [history, tail], logger });
    closing.push(async () => await host.close());

    const identities = createIdentities({
      accounts: config.accounts,
      defaultAccountId: config.accountId,
      dataDir,
      unknownKeys: config.auth.unknownKeys ?? (isEmbedded(config) ? "root" : "unknown"),
      clock,
      logger,
    });
    closing.push(async () => await identities.close());

    const builder = openEventBuilder(config);
    const recorder = createJournalRecorder({ journal, builder, wantsData: dataEvents, clock });

    const backends = await openBackends(config, logger, clock);
    closing.push(async () => await backends.close());
    const trails = openTrailStore(join(dataDir, "trails.sqlite"));
    closing.push(async () => await trails.close());
    const api = createCloudTrailApi({ catalogue, history, trails, clock, logger, lookupRateLimit: config.api.lookupRateLimit });

    const problem = (): string | undefined => {
      const { writable, problem: reason } = journal.status();
      return writable ? undefined : (reason ?? "the journal cannot be written");
    };
    const readStatus = async () => {
      const { first, last, bytes, writable, problem: reason } = journal.status();
      const kept = history.stats();
      return {
        version: VERSION,
        startedAt,
        recording: config.recording,
        backend: backends.description,
        calls: await callCounts(registry),
        journal: { first, last, bytes, writable, ...(reason === undefined ? {} : { problem: reason }) },
        readers: host.lags(),
        watching: tail.subscribers,
        history: { events: kept.events, days: kept.days.length, bytes: kept.bytes, retentionDays },
        disk: await diskSpace(dataDir),
      };
    };
    registerStateMetrics(registry, { journal, history, host, dataDir });
    const paths = [health(problem), status(readStatus), metrics(registry), events(history), tailPath(tail)];
    const ownPaths = createOwnPaths({ paths: [...paths, indexPage(paths)], hostNames: [config.listen.host], logger });

    const gateway = createGateway({
      listen: config.listen,
      ...(config.tls === undefined
        ? {}
        : { tls: { certificate: readPem(config.tls.certificate), key: readPem(config.tls.key) } }),
      catalogue,
      defaultRegion: config.region,
      s3HostSuffixes: config.capture.s3HostSuffixes,
      endpointFor: (context) => (context.serviceId === "cloudtrail" ? api : backends.endpointFor(context)),
      identities,
      recorder,
      ownPaths,
      recording: config.recording,
      recordUnauthenticated: config.capture.recordUnauthenticated,
      trustedProxies: config.capture.trustedProxies,
      limits: { bodyCapture: config.capture.bodyCapBytes },
      logger,
      clock,
      metrics: createGatewayMetrics(registry),
    });
    await gateway.listen();
    closing.push(async () => await gateway.close());
    return { url: gateway.address, backend: backends.description, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function readPem(path: string): string {
  return readFileSync(path, "utf8");
}
