import type { EndpointRequest, HostedRequest } from "../../../aws/endpoint.ts";
import { joinHeaders, endToEndLines } from "../routing/header-lines.ts";
import type { RequestHead } from "../routing/request-head.ts";

/** Where a request goes when it leaves for another host: a bucket in front of the client's host moves into the path. */
export function pathFor(head: Pick<RequestHead, "target">, bucket: string | undefined): string {
  if (bucket === undefined) return head.target;
  return head.target.startsWith("/?") || head.target === "/" ? `/${bucket}${head.target.slice(1)}` : `/${bucket}${head.target}`;
}

/** The request for another host as it is, without a new signature. */
export function plainlyHosted(head: RequestHead, bucket: string | undefined, host: string): HostedRequest {
  const target = pathFor(head, bucket);
  return { target, headers: withLines(endToEndLines(head.rawHeaders), new Map([["host", ["Host", host]]])) };
}

/**
 * Header lines with some of them replaced where they stand, or dropped, or put in front where they did not stand.
 *
 * @param changes lower-case name → the line in its place; undefined drops it.
 */
export function withLines(
  lines: readonly string[],
  changes: ReadonlyMap<string, readonly [name: string, value: string] | undefined>,
): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    if (!changes.has((lines[i] ?? "").toLowerCase())) kept.push(lines[i] ?? "", lines[i + 1] ?? "");
  }
  const added = [...changes.values()].flatMap((line) => line ?? []);
  return [...added, ...kept];
}

/** A head that is about to be signed. */
export function headOf(method: string, request: Pick<EndpointRequest, "target" | "headers">): Omit<RequestHead, "query"> {
  const { target, headers } = request;
  const mark = target.indexOf("?");
  return {
    method,
    target,
    path: mark === -1 ? target : target.slice(0, mark),
    headers: joinHeaders(headers),
    rawHeaders: headers,
  };
}
