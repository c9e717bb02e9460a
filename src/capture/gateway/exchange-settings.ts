import type { GatewayLimits, GatewayOptions } from "./gateway-options.ts";
import type { Router } from "./routing/routed.ts";
import type { SourceAddresses } from "./source-address.ts";

/** What all calls of one gateway share. */
export interface ExchangeSettings extends GatewayOptions {
  readonly router: Router;
  readonly sources: SourceAddresses;
  readonly bounds: GatewayLimits;
}
