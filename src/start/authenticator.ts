import type { Catalogue } from "../aws/catalogue/model.ts";
import type { Clock } from "../base/clock.ts";
import type { Authenticator } from "../capture/gateway/authentication/authenticator.ts";
import { createAuthenticator } from "../capture/gateway/authentication/create-authenticator.ts";
import type { KnownSecrets } from "../capture/identity/known-secrets.ts";
import type { Config } from "./config.ts";

export interface AuthenticatorTools {
  readonly secrets: KnownSecrets;
  readonly catalogue: Catalogue;
  /** Told of each caller that is refused. */
  readonly onRefusal: (code: string) => void;
  readonly clock: Clock;
}

/** What checks signatures, where the configuration wants them checked. */
export function openAuthenticator(
  config: Config,
  { secrets, catalogue, onRefusal, clock }: AuthenticatorTools,
): Authenticator | undefined {
  const { mode, clockSkewSeconds, anonymousS3 } = config.auth;
  if (mode !== "verify") return undefined;
  return createAuthenticator({
    secrets,
    catalogue,
    s3HostSuffixes: config.capture.s3HostSuffixes,
    // Elsewhere such a request may be taken for something else than S3's, or answered by what knows no public buckets.
    anonymousS3: (anonymousS3 ?? ("s3" in config.upstreams ? "pass" : "refuse")) === "pass",
    clockSkew: clockSkewSeconds * 1000,
    clock,
    onRefusal,
  });
}
