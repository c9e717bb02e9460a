import type { Json, JsonObject } from "../aws/tree.ts";
import type { ApiCall } from "./api-call.ts";
import { truncateUtf8 } from "./limits.ts";
import { invokingService } from "./user-identity.ts";

/** `tlsDetails`; absent for plain HTTP and for calls that a service made. */
export function tlsDetails(call: ApiCall): JsonObject | undefined {
  const { tls } = call;
  if (tls === undefined || invokingService(call.caller) !== undefined) return undefined;
  const details: Record<string, Json> = {
    tlsVersion: tls.version,
    cipherSuite: tls.cipherSuite,
    clientProvidedHostHeader: truncateUtf8(call.request.host),
  };
  if (tls.keyExchange !== undefined) details["keyExchange"] = tls.keyExchange;
  return details;
}
