import { loadCatalogue } from "../../../aws/catalogue/catalogue.ts";
import { readRequestHead } from "./request-head.ts";
import type { Routed } from "./routed.ts";
import { createRouter } from "./router.ts";

export const catalogue = loadCatalogue();
export const router = createRouter(catalogue, { s3HostSuffixes: ["localhost", "s3.localhost"], defaultRegion: "us-east-1" });

/** Headers of a request signed for that service. */
export function scope(service: string, region = "eu-west-1"): Record<string, string> {
  const credential = `AKIDEXAMPLE/20260302/${region}/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=abc` };
}

/** Routes `METHOD target`, with the body where the router asks for it. */
export function route(line: string, headers: Record<string, string> = {}, body?: string): Routed {
  const [method = "", target = ""] = line.split(" ");
  const head = readRequestHead(method, target, Object.entries({ host: "127.0.0.1:4580", ...headers }).flat());
  const first = router.route(head);
  if (first.awaits === undefined) return first;
  return router.routeBody(head, first, Buffer.from(body ?? ""));
}

export const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
export const json10 = { "content-type": "application/x-amz-json-1.0" };
export const json11 = { "content-type": "application/x-amz-json-1.1" };
