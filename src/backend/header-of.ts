import type { EndpointRequest } from "../aws/endpoint.ts";

/** The first line of that name (in lower case). */
export function headerOf({ headers }: Pick<EndpointRequest, "headers">, name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) return headers[index + 1];
  }
  return undefined;
}
