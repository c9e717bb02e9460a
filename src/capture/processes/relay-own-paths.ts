import { request as httpRequest } from "node:http";
import { pipeline } from "node:stream";
import type { Logger } from "../../base/logger.ts";
import type { GatewayOptions } from "../gateway/gateway-options.ts";
import { endToEndLines } from "../gateway/routing/header-lines.ts";
import type { RelayOptions } from "./relay-endpoint.ts";
import { RELAY_LINE, relayedVisitLine } from "./relayed-call.ts";

/** Own paths are answered by the primary process: each request over a connection of its own, which begins and ends with the client's. */
export function createRelayOwnPaths(
  { socketPath, token }: Pick<RelayOptions, "socketPath" | "token">,
  logger: Logger,
): GatewayOptions["ownPaths"] {
  return (message, response, _visit, arrival) => {
    const { socket } = message;
    // None of them takes a body.
    message.resume();
    const visit = relayedVisitLine(token, arrival());
    const headers = [RELAY_LINE, visit, ...withoutBodyLines(endToEndLines(message.rawHeaders))];
    const relayed = httpRequest({ socketPath, method: message.method ?? "GET", path: message.url ?? "/", headers, agent: false });
    relayed.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.statusMessage ?? "", endToEndLines(answer.rawHeaders));
      // Its head may be all for a while.
      response.flushHeaders();
      pipeline(answer, response, () => {});
    });
    relayed.once("error", (error) => {
      if (!response.closed) logger.warn({ err: error }, "an own path could not be relayed");
      if (response.headersSent) response.destroy();
      else response.writeHead(503, { "Content-Type": "text/plain" }).end("OpenTrail's primary process does not answer\n");
    });
    const halfClose = (): void => void relayed.socket?.end();
    socket.once("end", halfClose);
    response.once("close", () => {
      socket.off("end", halfClose);
      relayed.destroy();
    });
    relayed.end();
  };
}

function withoutBodyLines(lines: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [name = "", value = ""] = lines.slice(i, i + 2);
    if (!/^(?:content-length|expect)$/i.test(name)) kept.push(name, value);
  }
  return kept;
}
