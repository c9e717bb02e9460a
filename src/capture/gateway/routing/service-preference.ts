import type { Service } from "../../../aws/catalogue/model.ts";
import type { AwsHost } from "./aws-host.ts";

/**
 * Orders services that share a signing name: those that the host names first, then those that the user agent names
 * (`api/bedrock_runtime#3.1`), then the one that the signing name is the id of. Equal ones keep their order.
 */
export function preferred(services: readonly Service[], host: AwsHost, userAgent: string | undefined): readonly Service[] {
  if (services.length < 2) return services;
  const hinted = /\bapi\/([A-Za-z0-9_-]{1,64})/.exec(userAgent ?? "")?.[1];
  const score = (service: Service): number =>
    (host.endpointPrefix === service.endpointPrefix ? 4 : 0) +
    (hinted !== undefined && plain(hinted) === plain(service.sdkId) ? 2 : 0) +
    (service.id === service.signingName ? 1 : 0);
  return [...services].sort((a, b) => score(b) - score(a));
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
