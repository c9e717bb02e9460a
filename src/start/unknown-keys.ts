import { isEmbedded } from "./backends.ts";
import type { Config } from "./config.ts";

/** How callers are recorded whose key nobody knows. */
export function unknownKeysOf(config: Pick<Config, "auth" | "upstreams">): "unknown" | "root" {
  return config.auth.unknownKeys ?? (isEmbedded(config) ? "root" : "unknown");
}
