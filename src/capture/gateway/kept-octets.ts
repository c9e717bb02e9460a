import { capturesRequestBody } from "./capture-policy.ts";
import type { RequestHead } from "./routing/request-head.ts";
import type { Router } from "./routing/routed.ts";

/** Bodies up to this are not worth a look: so many are in memory while they are read anyway. */
const SMALL = 64 * 1024;

/**
 * Octets of a request's body that will be kept in memory for as long as its call lasts: what its head announces, up to `cap`,
 * or nothing where the body only passes through.
 */
export function keptOctets({ headers }: RequestHead, cap: number, route: () => ReturnType<Router["route"]>): number {
  const announced = headers.has("transfer-encoding") ? cap : Math.min(Number(headers.get("content-length") ?? 0), cap);
  return announced <= SMALL || capturesRequestBody(route()) ? announced : 0;
}
