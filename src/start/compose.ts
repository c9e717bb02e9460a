import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { collectDefaultMetrics, Registry } from "prom-client";
import { openTrailStore } from "../account/trails/drivers/sqlite/open-trail-store.ts";
import { loadCatalogue } from "../aws/catalogue/catalogue.ts";
import { isoSeconds, systemClock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { makeDirectory } from "../base/sync-directory.ts";
import { createGatewayMetrics } from "../capture/gateway/gateway-metrics.ts";
import { createIdentities } from "../capture/identity/create-identities.ts";
import { openJournalRecorder } from "../capture/journal-recorder.ts";
import { DataSelection } from "../capture/selection/data-selection.ts";
import { openSegmentJournal } from "../journal/drivers/segments/open-segment-journal.ts";
import { HistoryThread } from "../readers/history/history-thread.ts";
import { createReaderHost } from "../readers/reader-host.ts";
import { createTail } from "../readers/tail/tail.ts";
import { createCloudTrailApi } from "../serve/api/cloudtrail-api.ts";
import { events } from "../serve/own-paths/events.ts";
import { type Health, health } from "../serve/own-paths/health.ts";
import { indexPage } from "../serve/own-paths/index-page.ts";
import { metrics } from "../serve/own-paths/metrics.ts";
import { createOwnPaths } from "../serve/own-paths/own-paths.ts";
import { status } from "../serve/own-paths/status.ts";
import { tail as tailPath } from "../serve/own-paths/tail.ts";
import type { Status } from "../serve/status.ts";
import { openAuthorization } from "./authorization.ts";
import { openBackends } from "./backends.ts";
import { reportBrokenLogs } from "./broken-logs.ts";
import { forkFleet } from "./fork-fleet.ts";
import type { Config } from "./config.ts";
import { dataInterests } from "./data-interests.ts";
import { DiskGuard } from "./disk-guard.ts";
import { openEventBuilder } from "./event-builder.ts";
import { openFront } from "./open-front.ts";
import { openOrganization, organizationsEndpoint } from "./open-organization.ts";
import { Opened } from "./opened.ts";
import { readStatus } from "./read-status.ts";
import { SelectingTrails } from "./selecting-trails.ts";
import { registerTrailMetrics } from "./trail-metrics.ts";
import { TrailDelivery } from "./trail-delivery.ts";
import { historyThreadEnds, readerMetrics, registerStateMetrics } from "./state-metrics.ts";
import { unknownKeysOf } from "./unknown-keys.ts";
import { VERSION } from "./version.ts";

/** A served endpoint. */
export interface Running {
  readonly url: string;
  /** For people: what stands behind. */
  readonly backend: string;
  /** Why nothing can be recorded; undefined where it can. */
  readonly problem: string | undefined;
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

  const fleet = await forkFleet(config);
  if (fleet !== undefined) opened.add({ close: async () => fleet.kill() });
  try {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const catalogue = loadCatalogue();

    const { retentionDays, dataEvents } = config.history;
    const ended = historyThreadEnds(registry);
    const history = new HistoryThread({ dir: join(dataDir, "history"), retentionDays, dataEvents, clock, logger, ended });
    opened.add(history);
    const diskGuard = new DiskGuard({ path: dataDir, ...config.disk, clock, logger });
    opened.add(diskGuard);
    const onSegment = (): void => diskGuard.look();
    const journal = await openSegmentJournal({ directory: join(dataDir, "journal"), logger, onSegment });
    opened.add(journal);
    const damage = reportBrokenLogs(dataDir, logger);
    const journalEnd = journal.status().last;
    // While the history opens in its thread, the rest opens in this one.
    const historyOpen = history.open(journalEnd);
    historyOpen.catch(() => {});

    const identities = createIdentities({
      accounts: config.accounts,
      defaultAccountId: config.accountId,
      dataDir,
      unknownKeys: unknownKeysOf(config),
      clock,
      logger,
    });
    opened.add(identities);

    const selection = new DataSelection(dataEvents);
    const builder = openEventBuilder(config);
    const recorder = await openJournalRecorder({
      journal,
      builder,
      selection,
      checkpointFile: join(dataDir, "open-intents"),
      gapFile: join(dataDir, "recording-gaps"),
      recording: config.recording,
      clock,
      logger,
    });
    opened.add(recorder);

    const organization = openOrganization(config, clock, opened);
    const organizations = await organizationsEndpoint(config, organization, logger);
    const backends = await openBackends(config, { catalogue, logger, clock, ...(organizations && { organizations }) });
    opened.add(backends);
    const trails = new SelectingTrails(openTrailStore(join(dataDir, "trails.sqlite")), async (all) => {
      const interests = dataInterests(all, organization);
      if (isDeepStrictEqual(interests, selection.interests)) return;
      selection.set(interests);
      await fleet?.tellSelection();
    });
    opened.add(trails);
    await trails.enforce();

    await historyOpen;
    const tail = createTail({ position: journalEnd, logger });
    const readers = [history, tail];
    const gatewayMetrics = createGatewayMetrics(registry);
    const delivery = new TrailDelivery({
      config,
      journal,
      trails,
      organization,
      registry,
      recorder,
      recording: config.recording,
      endpointFor: (context) => backends.endpointFor(context),
      catalogue,
      defaultRegion: config.region,
      s3HostSuffixes: config.capture.s3HostSuffixes,
      metrics: gatewayMetrics,
      clock,
      logger,
    });
    const host = createReaderHost({
      journal,
      readers,
      logger,
      observer: readerMetrics(registry, readers),
      keepFrom: () => Math.min(recorder.keepFrom(), delivery.keepFrom()),
    });
    opened.add(host);
    opened.add(delivery);
    await delivery.start(host);

    const authorization = await openAuthorization(config, clock, logger);
    const api = createCloudTrailApi({
      catalogue,
      history,
      trails,
      journalEnd: () => journal.status().last,
      clock,
      logger,
      lookupRateLimit: config.api.lookupRateLimit,
      quotas: config.api.quotas,
      checks: delivery,
      delivery,
      signingKeys: delivery,
      ...(organization === undefined ? {} : { organization }),
      ...(authorization === undefined ? {} : { authorizer: authorization.authorizer }),
    });

    const problem = (): string | undefined => {
      const { writable, problem: reason } = journal.status();
      return writable ? undefined : (reason ?? "the journal cannot be written");
    };
    const healthNow = async (): Promise<Health> => {
      // A disk that hangs must not make health hang.
      const disk = await Promise.race([diskGuard.state().catch(() => undefined), delay(1000, undefined, { ref: false })]);
      const now = problem();
      // Whoever is told so finds every capture process of the same opinion.
      await fleet?.tally();
      return {
        problem: now,
        warning: [disk?.warning, ...damage].filter((text) => text !== undefined).join("; ") || undefined,
      };
    };
    const state = { journal, history, host, diskGuard, recorder };
    registerStateMetrics(registry, state);
    registerTrailMetrics(registry, () => delivery.report());
    const statusNow = async (): Promise<Status> => {
      await fleet?.tally();
      const now = await readStatus({ ...state, tail, trails: () => delivery.report(), counts: gatewayMetrics.counts });
      return {
        version: VERSION,
        startedAt,
        recording: config.recording,
        backend: backends.description,
        ...now,
        damage,
        history: { ...now.history, retentionDays },
        ...(fleet === undefined ? {} : { captureProcesses: fleet.processes }),
      };
    };
    const paths = [
      health(healthNow),
      status(statusNow),
      metrics(registry, async () => fleet?.tally()),
      events(history),
      tailPath(tail),
    ];
    const ownPaths = createOwnPaths({
      paths: [...paths, indexPage(paths)],
      hostNames: [config.listen.host],
      ...(authorization === undefined ? {} : { gate: authorization.gate }),
      logger,
    });

    const front = await openFront(config, fleet, {
      journal,
      recorder,
      builder,
      identities,
      selection,
      endpointFor: (context) =>
        ["cloudtrail", "cloudtrail-data"].includes(context.serviceId) ? api : backends.endpointFor(context),
      ownPaths,
      catalogue,
      metrics: gatewayMetrics,
      registry,
      ...(tls === undefined ? {} : { tls }),
      clock,
      logger,
    });
    opened.add(front);
    diskGuard.start();
    return { url: front.address, backend: backends.description, problem: problem(), close: () => opened.close() };
  } catch (error) {
    await opened.close().catch((err: unknown) => logger.error({ err }, "could not close what was open already"));
    throw error;
  }
}

function readPem(path: string): string {
  return readFileSync(path, "utf8");
}
