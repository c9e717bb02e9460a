import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import type { Logger } from "../../base/logger.ts";
import { answerJson, BadQuery, type OwnPath } from "./own-path.ts";

const PREFIX = "/_opentrail/";

export interface OwnPathsOptions {
  readonly paths: readonly OwnPath[];
  /** Host names, besides IP addresses and `localhost`, under which the endpoint is known. */
  readonly hostNames: readonly string[];
  readonly logger: Logger;
}

/**
 * Answers everything below `/_opentrail/`. Requests whose `Host` is a foreign name are refused: a web page could otherwise
 * have its own name resolve to this address and read the events through a visitor's browser (DNS rebinding).
 */
export function createOwnPaths(options: OwnPathsOptions): (message: IncomingMessage, response: ServerResponse) => void {
  const paths = new Map(options.paths.map((path) => [path.path, path]));
  return (message, response) => {
    message.resume();
    const url = new URL(message.url ?? "/", "http://own.invalid");
    const path = paths.get(url.pathname.startsWith(PREFIX) ? url.pathname.slice(PREFIX.length) : "");
    if (!isOwnHost(message.headers.host, options.hostNames)) {
      answerJson(response, 403, { message: "This host name is not one of OpenTrail's; use its address or localhost." });
    } else if (path === undefined || !url.pathname.startsWith(PREFIX)) {
      answerJson(response, 404, { message: `There is no ${url.pathname}; ${PREFIX} lists what there is.` });
    } else if (message.method !== "GET" && message.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      answerJson(response, 405, { message: `${url.pathname} takes GET.` });
    } else {
      Promise.try(() => path.answer({ message, query: url.searchParams }, response)).catch((error: unknown) => {
        fail(error, response, path, options.logger);
      });
    }
  };
}

function fail(error: unknown, response: ServerResponse, path: OwnPath, logger: Logger): void {
  if (response.headersSent) {
    response.destroy();
  } else if (error instanceof BadQuery) {
    answerJson(response, 400, { message: error.message });
  } else {
    logger.error({ err: error, path: path.path }, "own path failed");
    answerJson(response, 500, { message: "OpenTrail failed to answer; its log says why." });
  }
}

function isOwnHost(header: string | undefined, hostNames: readonly string[]): boolean {
  if (header === undefined) return true;
  const host = header
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
  return isIP(host) !== 0 || host === "localhost" || hostNames.includes(host);
}
