import { rmSync } from "node:fs";
import { join } from "node:path";
import { makeDirectory } from "../base/sync-directory.ts";
import { createGateway } from "../capture/gateway/gateway.ts";
import type { GatewayOptions } from "../capture/gateway/gateway-options.ts";
import { asCloudTrailCalls } from "./as-cloudtrail-calls.ts";
import { type ServiceKeys, serviceIdentities } from "./service-identities.ts";
import { SocketPlace } from "./socket-place.ts";
import { withoutUnrecordedCalls } from "./unrecorded-calls.ts";

export interface ServiceDoorOptions extends Omit<
  GatewayOptions,
  "listen" | "identities" | "authenticator" | "ownPaths" | "tls" | "trustedProxies" | "limits"
> {
  readonly dataDir: string;
  readonly keys: ServiceKeys;
}

/** The way by which OpenTrail itself calls the backend. */
export interface ServiceDoor {
  /** Of a Unix socket that this user alone may open. */
  readonly path: string;
  close(): Promise<void>;
}

/**
 * A gateway beside the public one, for the calls that CloudTrail makes for trails: they are routed, selected and recorded
 * as all calls are, with `cloudtrail.amazonaws.com` as their caller. Resolves when it takes calls.
 */
export async function openServiceDoor({ dataDir, keys, recorder, ...options }: ServiceDoorOptions): Promise<ServiceDoor> {
  const directory = join(dataDir, "services");
  makeDirectory(directory);
  const place = new SocketPlace(directory, "door");
  // Of a process that was killed: the data directory is locked, so nobody listens there.
  rmSync(place.path, { force: true });
  const gateway = createGateway({
    ...options,
    recorder: withoutUnrecordedCalls(asCloudTrailCalls(recorder)),
    listen: { path: place.path },
    identities: serviceIdentities(keys),
    ownPaths: (_, response) => void response.writeHead(404, { "Content-Length": "0" }).end(),
  });
  await gateway.listen();
  return {
    path: place.path,
    async close() {
      await gateway.close();
      place.remove();
    },
  };
}
