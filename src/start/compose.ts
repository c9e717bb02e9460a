import { readFileSync } from "node:fs";
import { join } from "node:path";
import { collectDefaultMetrics, Registry } from "prom-client";
import { openTrailStore } from "../account/trails/drivers/sqlite/open-trail-store.ts";
import { loadCatalogue } from "../aws/catalogue/catalogue.ts";
import { isoSeconds, systemClock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { makeDirectory } from "../base/sync-directory.ts";
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
import type { Status } from "../serve/status.ts";
import { isEmbedded, openBackends } from "./backends.ts";
import type { Config } from "./config.ts";
import { openEventBuilder } from "./event-builder.ts";
import { Opened } from "./opened.ts";
import { readStatus } from "./read-status.ts";
import { readerMetrics, registerStateMetrics } from "./state-metrics.ts";
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
  const tls = config.tls && { certificate: readPem(config.tls.certificate), key: readPem(config.tls.key) };
  makeDirectory(dataDir);
  const opened = new Opened();

  try {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const catalogue = loadCatalogue();

    const journal = await openSegmentJournal({ directory: join(dataDir, "journal"), logger });
    opened.add(journal);

    const { retentionDays, dataEvents } = config.history;
    const journalEnd = journal.status().last;
    const history = createHistory({ dir: join(dataDir, "history"), retentionDays, dataEvents, journalEnd, clock, logger });
    const tail = createTail({ position: journalEnd, logger });
    const readers = [history, tail];
    const host = createReaderHost({ journal, readers, logger, observer: readerMetrics(registry, readers) });
    opened.add(host);

    const identities = createIdentities({
      accounts: config.accounts,
      defaultAccountId: config.accountId,
      dataDir,
      unknownKeys: config.auth.unknownKeys ?? (isEmbedded(config) ? "root" : "unknown"),
      clock,
      logger,
    });
    opened.add(identities);

    const builder = openEventBuilder(config);
    const recorder = createJournalRecorder({ journal, builder, wantsData: dataEvents });

    const backends = await openBackends(config, { catalogue, logger, clock });
    opened.add(backends);
    const trails = openTrailStore(join(dataDir, "trails.sqlite"));
    opened.add(trails);
    const api = createCloudTrailApi({ catalogue, history, trails, clock, logger, lookupRateLimit: config.api.lookupRateLimit });

    const problem = (): string | undefined => {
      const { writable, problem: reason } = journal.status();
      return writable ? undefined : (reason ?? "the journal cannot be written");
    };
    const state = { journal, history, host, dataDir };
    registerStateMetrics(registry, state);
    const gatewayMetrics = createGatewayMetrics(registry);
    const statusNow = async (): Promise<Status> => {
      const now = await readStatus({ ...state, tail, counts: gatewayMetrics.counts });
      return {
        version: VERSION,
        startedAt,
        recording: config.recording,
        backend: backends.description,
        ...now,
        history: { ...now.history, retentionDays },
      };
    };
    const paths = [health(problem), status(statusNow), metrics(registry), events(history), tailPath(tail)];
    const ownPaths = createOwnPaths({ paths: [...paths, indexPage(paths)], hostNames: [config.listen.host], logger });

    const gateway = createGateway({
      listen: config.listen,
      ...(tls === undefined ? {} : { tls }),
      catalogue,
      defaultRegion: config.region,
      s3HostSuffixes: config.capture.s3HostSuffixes,
      endpointFor: (context) =>
        ["cloudtrail", "cloudtrail-data"].includes(context.serviceId) ? api : backends.endpointFor(context),
      identities,
      recorder,
      ownPaths,
      recording: config.recording,
      recordUnauthenticated: config.capture.recordUnauthenticated,
      trustedProxies: config.capture.trustedProxies,
      limits: { bodyCapture: config.capture.bodyCapBytes },
      logger,
      clock,
      metrics: gatewayMetrics,
    });
    await gateway.listen();
    opened.add(gateway);
    return { url: gateway.address, backend: backends.description, close: () => opened.close() };
  } catch (error) {
    await opened.close().catch((err: unknown) => logger.error({ err }, "could not close what was open already"));
    throw error;
  }
}

function readPem(path: string): string {
  return readFileSync(path, "utf8");
}
