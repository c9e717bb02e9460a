import type { Registry } from "prom-client";
import type { Catalogue } from "../aws/catalogue/model.ts";
import type { CallContext, Endpoint } from "../aws/endpoint.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { createAuthenticationMetrics } from "../capture/gateway/authentication/authentication-metrics.ts";
import type { GatewayMetrics } from "../capture/gateway/gateway-metrics.ts";
import type { GatewayOptions } from "../capture/gateway/gateway-options.ts";
import { createGateway } from "../capture/gateway/gateway.ts";
import { createRouter } from "../capture/gateway/routing/router.ts";
import { createSourceAddresses } from "../capture/gateway/source-address.ts";
import type { KnownSecrets } from "../capture/identity/known-secrets.ts";
import type { SharedIdentities } from "../capture/identity/shared-identities.ts";
import type { DataSelection } from "../capture/selection/data-selection.ts";
import type { JournalRecorder } from "../capture/journal-recorder.ts";
import type { EventBuilder } from "../event/build-event.ts";
import type { Journal } from "../journal/journal.ts";
import { openAuthenticator } from "./authenticator.ts";
import type { CaptureFleet } from "./capture-fleet.ts";
import type { Config } from "./config.ts";
import { captureProcessEnds } from "./state-metrics.ts";
import { openVpcEndpoints } from "./vpc-endpoints.ts";

export interface FrontParts {
  readonly journal: Journal;
  readonly recorder: JournalRecorder;
  readonly builder: EventBuilder;
  readonly identities: SharedIdentities & KnownSecrets;
  readonly selection: DataSelection;
  readonly endpointFor: (context: CallContext) => Endpoint;
  readonly ownPaths: GatewayOptions["ownPaths"];
  readonly catalogue: Catalogue;
  readonly metrics: GatewayMetrics;
  readonly registry: Registry;
  readonly tls?: NonNullable<GatewayOptions["tls"]>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What clients connect to. */
export interface Front {
  readonly address: string;
  close(): Promise<void>;
}

/** Serves the address: here, or by the capture processes where there are some. VPC endpoints are always served here. */
export async function openFront(config: Config, fleet: CaptureFleet | undefined, parts: FrontParts): Promise<Front> {
  const { catalogue, identities, recorder, clock, logger, registry } = parts;
  const { s3HostSuffixes, trustedProxies, bodyCapBytes, bodiesBytes, calls, connections, recordUnauthenticated } = config.capture;
  const unauthenticated = config.auth.mode === "verify" ? createAuthenticationMetrics(registry) : (): void => {};
  const authenticator = openAuthenticator(config, { secrets: identities, catalogue, onRefusal: unauthenticated, clock });
  const checks = authenticator === undefined ? {} : { authenticator };
  const settings = {
    ...parts,
    ...checks,
    defaultRegion: config.region,
    s3HostSuffixes,
    recording: config.recording,
    recordUnauthenticated,
    trustedProxies,
    limits: { bodyCapture: bodyCapBytes, keptBodies: bodiesBytes, calls, connections },
  };
  const openPublic = async (): Promise<Front> => {
    if (fleet === undefined) {
      const gateway = createGateway({ ...settings, listen: config.listen });
      await gateway.listen();
      return gateway;
    }
    const router = createRouter(catalogue, { s3HostSuffixes, defaultRegion: config.region });
    const sources = createSourceAddresses(trustedProxies);
    const { recording } = config;
    const visits = { router, sources, identities, ...checks, recorder, recording, catalogue, clock, logger };
    const ended = captureProcessEnds(registry, () => fleet.processes.running);
    await fleet.listen({ ...parts, config, ledger: recorder.ledger, visits, unauthenticated, ended });
    return fleet;
  };
  const front = await openPublic();
  try {
    const endpoints = await openVpcEndpoints(config, settings);
    return { address: front.address, close: async () => void (await Promise.all([front.close(), endpoints.close()])) };
  } catch (error) {
    await front.close();
    throw error;
  }
}
