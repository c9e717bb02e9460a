import type { Catalogue } from "../aws/catalogue/model.ts";
import type { CallContext, Endpoint } from "../aws/endpoint.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { createHttpUpstream } from "../capture/gateway/http-upstream.ts";
import { createRehostedUpstream } from "../capture/gateway/rehosted-upstream.ts";
import type { Config } from "./config.ts";
import { noUpstream } from "./no-upstream.ts";

export interface Backends {
  /** For people: what stands behind. */
  readonly description: string;
  endpointFor(context: CallContext): Endpoint;
  close(): Promise<void>;
}

export interface BackendTools {
  readonly catalogue: Pick<Catalogue, "service" | "bySigningName">;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Answers for AWS Organizations where no upstream does. */
  readonly organizations?: Endpoint;
}

/** Nothing else is configured to stand behind. */
export function isEmbedded(config: Pick<Config, "upstreams">): boolean {
  return Object.keys(config.upstreams).length === 0;
}

/** The upstreams that the configuration names, or the embedded account where it names none. */
export async function openBackends(config: Config, { catalogue, logger, clock, organizations }: BackendTools): Promise<Backends> {
  if (isEmbedded(config)) {
    // Imported only when wanted: behind an upstream, nothing of it is loaded.
    const { createEmbeddedAccount } = await import("../backend/embedded-account.ts");
    const embedded = await createEmbeddedAccount({
      dataDir: config.dataDir,
      logger,
      clock,
      apiDestinations: new Map(Object.entries(config.embedded.apiDestinations)),
    });
    return {
      description: "embedded account",
      endpointFor: ({ serviceId }) => (serviceId === "organizations" ? (organizations ?? embedded) : embedded),
      close: async () => await embedded.close(),
    };
  }

  const urls = Object.entries(config.upstreams);
  for (const [service] of urls) {
    const known =
      service === "default" || catalogue.service(service) !== undefined || catalogue.bySigningName(service).length > 0;
    if (!known) logger.warn({ service }, "the catalogue has no service of this name; its upstream may never be asked");
  }
  const { headersTimeoutSeconds, bodyTimeoutSeconds, connections } = config.upstream;
  const host = config.upstream.host ?? (config.auth.mode === "verify" ? "rewrite" : "keep");
  const hosted = (url: string, upstream: Endpoint): Endpoint =>
    host === "rewrite" ? createRehostedUpstream(upstream, url) : upstream;
  const upstreams = new Map(
    urls.map(([name, url]) => [
      name,
      hosted(
        url,
        createHttpUpstream({
          url,
          connections,
          headersTimeout: headersTimeoutSeconds * 1000,
          bodyTimeout: bodyTimeoutSeconds * 1000,
        }),
      ),
    ]),
  );
  if (organizations !== undefined && !upstreams.has("organizations") && !upstreams.has("default"))
    upstreams.set("organizations", organizations);
  const otherwise = upstreams.get("default") ?? noUpstream;
  return {
    description: urls.map(([name, url]) => (name === "default" ? url : `${name}=${url}`)).join(", "),
    endpointFor: ({ serviceId, operation }) =>
      upstreams.get(serviceId) ?? upstreams.get(operation?.service.signingName ?? "") ?? otherwise,
    async close() {
      await Promise.all([...upstreams.values()].map(async (upstream) => await upstream.close()));
    },
  };
}
