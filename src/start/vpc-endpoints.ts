import { AccountDirectory } from "../account/identities/account-directory.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { createGateway, type Gateway } from "../capture/gateway/gateway.ts";
import type { GatewayOptions, VpcEndpointDoor } from "../capture/gateway/gateway-options.ts";
import type { EventBuilder } from "../event/build-event.ts";
import { VpcEndpointPolicy } from "../serve/authorization/vpc-endpoint-policy.ts";
import type { Config } from "./config.ts";

export interface VpcEndpointOptions extends Omit<GatewayOptions, "listen" | "vpcEndpoint" | "ownPaths"> {
  readonly builder: EventBuilder;
}

/**
 * A gateway for each configured VPC endpoint, beside the public one. Resolves when all take calls. The library that reads policies
 * is loaded only where an endpoint has one.
 */
export async function openVpcEndpoints(
  config: Pick<Config, "vpcEndpoints" | "accounts">,
  { builder, ...options }: VpcEndpointOptions,
): Promise<{ close(): Promise<void> }> {
  const gateways: Gateway[] = [];
  const close = async (): Promise<void> => void (await Promise.all(gateways.map((gateway) => gateway.close())));
  try {
    for (const endpoint of config.vpcEndpoints) {
      const gateway = createGateway({
        ...options,
        listen: endpoint.listen,
        vpcEndpoint: await openDoor(endpoint, config, { builder, clock: options.clock, logger: options.logger }),
        ownPaths: (_, response) => void response.writeHead(404, { "Content-Length": "0" }).end(),
      });
      await gateway.listen();
      gateways.push(gateway);
      options.logger.info({ vpcEndpoint: endpoint.id, address: gateway.address }, "a VPC endpoint takes calls");
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

async function openDoor(
  { id, accountId, policy }: Config["vpcEndpoints"][number],
  { accounts }: Pick<Config, "accounts">,
  { builder, clock, logger }: { readonly builder: EventBuilder; readonly clock: Clock; readonly logger: Logger },
): Promise<VpcEndpointDoor> {
  if (policy === undefined) return { id, accountId };
  const { createIamSimulateEndpointPolicies } =
    await import("../serve/authorization/drivers/iam-simulate/iam-simulate-endpoint-policy.ts");
  const enforced = new VpcEndpointPolicy({
    endpointId: id,
    policy,
    evaluator: createIamSimulateEndpointPolicies(logger),
    builder,
    accounts: new AccountDirectory(accounts),
    clock,
  });
  return { id, accountId, check: async (call, context) => await enforced.check(call, context) };
}
