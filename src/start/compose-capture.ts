import { deserialize, serialize } from "node:v8";
import { loadCatalogue } from "../aws/catalogue/catalogue.ts";
import type { CallContext, Endpoint } from "../aws/endpoint.ts";
import { systemClock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { createCallRecorder } from "../capture/call-recorder.ts";
import { createGateway, type Gateway } from "../capture/gateway/gateway.ts";
import { IdentityReplica } from "../capture/identity/identity-replica.ts";
import type { LearnedEntry } from "../capture/identity/learned-identities.ts";
import { CallTally } from "../capture/processes/call-tally.ts";
import type { ProcessLink } from "../capture/processes/process-link.ts";
import { createRelayEndpoint } from "../capture/processes/relay-endpoint.ts";
import { createRelayOwnPaths } from "../capture/processes/relay-own-paths.ts";
import { RemoteLedger } from "../capture/processes/remote-ledger.ts";
import { TOPIC } from "../capture/processes/topics.ts";
import type { DataInterest } from "../capture/selection/data-interest.ts";
import { DataSelection } from "../capture/selection/data-selection.ts";
import { changedCall } from "../event/changed-call.ts";
import { DynamodbTables, type Table } from "../event/services/dynamodb-tables.ts";
import type { JournalStatus } from "../journal/journal.ts";
import { openAuthenticator } from "./authenticator.ts";
import { isEmbedded, openBackends } from "./backends.ts";
import type { CaptureStart } from "./capture-start.ts";
import { openEventBuilder } from "./event-builder.ts";
import { unknownKeysOf } from "./unknown-keys.ts";

/** The gateway of a capture process, and what the primary keeps up to date in it. */
export interface Capture {
  readonly gateway: Gateway;
  readonly tally: CallTally;
  /** What the primary tells; it is taken over when this returns. */
  take(topic: number, payload: Buffer): void;
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
/** Of all capture processes together, as of one; the primary's own calls come in beside them. */
const ADMITTED_BYTES = 32 * MIB;
const WAITING_BYTES = 40 * MIB;
/** What has been counted is told so much later at the latest, in milliseconds. */
const TALLY_MILLISECONDS = 100;

/** Builds what captures calls, on the link to the process that keeps them. */
export async function composeCapture(start: CaptureStart, link: ProcessLink, logger: Logger): Promise<Capture> {
  const { config, tls, processes } = start;
  const clock = systemClock;
  const catalogue = loadCatalogue();
  const share = (whole: number): number => Math.max(1, Math.ceil(whole / processes));

  let journal: Pick<JournalStatus, "writable" | "problem"> = { writable: false, problem: "the journal is not open yet" };
  const tables = new DynamodbTables((arn, table) => link.notify(TOPIC.tableChanged, serialize([arn, table])));
  const identities = new IdentityReplica({
    accounts: config.accounts,
    defaultAccountId: config.accountId,
    unknownKeys: unknownKeysOf(config),
    clock,
    // The catalogue's part of a call stays here.
    teach: async (call) =>
      void (await link.request(TOPIC.teach, serialize(changedCall(call, { operation: undefined }))).catch(() => {})),
  });
  const ledger = new RemoteLedger({
    link,
    status: () => journal,
    admittedBytes: share(ADMITTED_BYTES),
    waitingBytes: share(WAITING_BYTES),
  });
  const selection = new DataSelection(config.history.dataEvents);
  const recorder = createCallRecorder({
    room: ledger.room,
    intents: ledger,
    builder: openEventBuilder(config, tables),
    selection,
    missed: (eventId, gap) => ledger.missed(eventId, gap),
    logger,
  });
  let telling: NodeJS.Timeout | undefined;
  const tally = new CallTally(() => {
    telling ??= setTimeout(() => {
      telling = undefined;
      // Whatever is written takes the tally with it.
      link.notify(TOPIC.counted, serialize(tally.take() ?? []));
    }, TALLY_MILLISECONDS).unref();
  });

  const relay = createRelayEndpoint({ ...start.relay, connections: share(config.capture.calls) });
  const backends = isEmbedded(config)
    ? { endpointFor: (): Endpoint => relay, close: async () => undefined }
    : await openBackends(
        { ...config, upstream: { ...config.upstream, connections: share(config.upstream.connections) } },
        // Who is a delegated administrator by now, the primary knows.
        { catalogue, logger, clock, ...(config.organization !== undefined && { organizations: relay }) },
      );
  const endpointFor = (context: CallContext): Endpoint =>
    ["cloudtrail", "cloudtrail-data"].includes(context.serviceId) ? relay : backends.endpointFor(context);
  const onRefusal = (code: string): void => tally.unauthenticated(code);
  const authenticator = openAuthenticator(config, { secrets: identities, catalogue, onRefusal, clock });
  const gateway = createGateway({
    listen: config.listen,
    ...(tls === undefined ? {} : { tls }),
    catalogue,
    defaultRegion: config.region,
    s3HostSuffixes: config.capture.s3HostSuffixes,
    endpointFor,
    identities,
    ...(authenticator === undefined ? {} : { authenticator }),
    recorder,
    ownPaths: createRelayOwnPaths(start.relay, logger),
    recording: config.recording,
    recordUnauthenticated: config.capture.recordUnauthenticated,
    trustedProxies: config.capture.trustedProxies,
    limits: {
      bodyCapture: config.capture.bodyCapBytes,
      calls: share(config.capture.calls),
      keptBodies: share(config.capture.bodiesBytes),
      connections: share(config.capture.connections),
    },
    logger,
    clock,
    metrics: tally,
  });
  return {
    gateway,
    tally,
    take(topic, payload) {
      if (topic === TOPIC.identities) identities.take(deserialize(payload) as LearnedEntry[]);
      else if (topic === TOPIC.journal) journal = deserialize(payload) as typeof journal;
      else if (topic === TOPIC.selection) selection.set(deserialize(payload) as DataInterest[]);
      else if (topic === TOPIC.tables) {
        for (const [arn, table] of deserialize(payload) as [string, Table | undefined][]) tables.take(arn, table);
      } else throw new Error(`BUG: the primary tells of topic ${topic}`);
    },
    async close() {
      await gateway.close();
      clearTimeout(telling);
      await Promise.all([backends.close(), relay.close()]);
    },
  };
}
