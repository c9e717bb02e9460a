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
import type { JournalRecorder } from "../capture/journal-recorder.ts";
import type { Journal } from "../journal/journal.ts";
import { openAuthenticator } from "./authenticator.ts";
import type { CaptureFleet } from "./capture-fleet.ts";
import type { Config } from "./config.ts";
import { captureProcessEnds } from "./state-metrics.ts";

export interface FrontParts {
  readonly journal: Journal;
  readonly recorder: JournalRecorder;
  readonly identities: SharedIdentities & KnownSecrets;
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

/** Serves the address: here, or by the capture processes where there are some. */
export async function openFront(config: Config, fleet: CaptureFleet | undefined, parts: FrontParts): Promise<Front> {
  const { catalogue, identities, recorder, clock, logger, registry } = parts;
  const { s3HostSuffixes, trustedProxies, bodyCapBytes, bodiesBytes, calls, connections, recordUnauthenticated } = config.capture;
  const unauthenticated = config.auth.mode === "verify" ? createAuthenticationMetrics(registry) : (): void => {};
  const authenticator = openAuthenticator(config, { secrets: identities, catalogue, onRefusal: unauthenticated, clock });
  const checks = authenticator === undefined ? {} : { authenticator };
  if (fleet !== undefined) {
    const router = createRouter(catalogue, { s3HostSuffixes, defaultRegion: config.region });
    const sources = createSourceAddresses(trustedProxies);
    const { recording } = config;
    const visits = { router, sources, identities, ...checks, recorder, recording, catalogue, clock, logger };
    const ended = captureProcessEnds(registry, () => fleet.processes.running);
    await fleet.listen({ ...parts, config, ledger: recorder.ledger, visits, unauthenticated, ended });
    return fleet;
  }
  const gateway = createGateway({
    ...parts,
    ...checks,
    listen: config.listen,
    defaultRegion: config.region,
    s3HostSuffixes,
    recording: config.recording,
    recordUnauthenticated,
    trustedProxies,
    limits: { bodyCapture: bodyCapBytes, keptBodies: bodiesBytes, calls, connections },
  });
  await gateway.listen();
  return gateway;
}
