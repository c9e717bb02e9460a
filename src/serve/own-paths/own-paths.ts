import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import type { Logger } from "../../base/logger.ts";
import { answerJson, BadQuery, type OwnPath } from "./own-path.ts";
import { type Identify, type OwnPathGate, OwnPathRefused } from "./own-path-gate.ts";

const PREFIX = "/_opentrail/";

export interface OwnPathsOptions {
  readonly paths: readonly OwnPath[];
  /** Host names, besides IP addresses and `localhost`, under which the endpoint is known. */
  readonly hostNames: readonly string[];
  /** Decides who sees what; without it, whoever reaches the endpoint sees everything. */
  readonly gate?: OwnPathGate;
  readonly logger: Logger;
}

/**
 * Answers everything below `/_opentrail/`. Requests whose `Host` is a foreign name are refused: a web page could otherwise
 * have its own name resolve to this address and read the events through a visitor's browser (DNS rebinding).
 */
export function createOwnPaths(
  options: OwnPathsOptions,
): (message: IncomingMessage, response: ServerResponse, identify: Identify) => void {
  const paths = new Map(options.paths.map((path) => [path.path, path]));
  return (message, response, identify) => {
    message.resume();
    const { pathname, query } = readTarget(message.url ?? "/");
    const path = pathname.startsWith(PREFIX) ? paths.get(pathname.slice(PREFIX.length)) : undefined;
    if (!isOwnHost(message.headers.host, options.hostNames)) {
      answerJson(response, 403, { message: "This host name is not one of OpenTrail's; use its address or localhost." });
    } else if (path === undefined) {
      answerJson(response, 404, { message: `There is no ${pathname}; ${PREFIX} lists what there is.` });
    } else if (message.method !== "GET" && message.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      answerJson(response, 405, { message: `${pathname} takes GET.` });
    } else {
      const answer = async (): Promise<void> => {
        const scope = await options.gate?.admit(path, { message, query }, identify);
        await path.answer({ message, query, scope }, response);
      };
      answer().catch((error: unknown) => fail(error, response, path, options.logger));
    }
  };
}

/** By hand: the target may be in absolute form, with an origin that no URL can have, and nobody is there to catch that. */
function readTarget(target: string): { readonly pathname: string; readonly query: URLSearchParams } {
  const originForm = target.replace(/^https?:\/\/[^/?#]*/i, "");
  const mark = originForm.indexOf("?");
  if (mark === -1) return { pathname: originForm, query: new URLSearchParams() };
  return { pathname: originForm.slice(0, mark), query: new URLSearchParams(originForm.slice(mark + 1)) };
}

function fail(error: unknown, response: ServerResponse, path: OwnPath, logger: Logger): void {
  if (error instanceof BadQuery) return answerJson(response, 400, { message: error.message });
  if (error instanceof OwnPathRefused) {
    // RFC 9110: a 401 says how one would be let in.
    if (error.status === 401) response.setHeader("www-authenticate", 'Bearer realm="opentrail"');
    return answerJson(response, error.status, { message: error.message });
  }
  logger.error({ err: error, path: path.path }, "own path failed");
  if (response.headersSent) response.destroy();
  else answerJson(response, 500, { message: "OpenTrail failed to answer; its log says why." });
}

function isOwnHost(header: string | undefined, hostNames: readonly string[]): boolean {
  if (header === undefined) return true;
  const host = header
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
  return isIP(host) !== 0 || host === "localhost" || hostNames.includes(host);
}
