import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Command } from "commander";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { CliError } from "./endpoint-client.ts";
import { addStatusCommand } from "./status-command.ts";
import { addTailCommand } from "./tail-command.ts";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Runs a command line against an endpoint that answers so. */
async function run(
  answer: RequestListener,
  ...arguments_: readonly string[]
): Promise<{ printed: string[]; noted: string[]; url: string }> {
  server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [printed, noted]: [string[], string[]] = [[], []];
  const program = new Command().exitOverride();
  const terminal = {
    print: (line: string) => void printed.push(line),
    note: (line: string) => void noted.push(line),
    environment: { AWS_ENDPOINT_URL: url },
    clock: systemClock,
  };
  addTailCommand(program, terminal);
  addStatusCommand(program, terminal);
  await program.parseAsync(arguments_, { from: "user" });
  return { printed, noted, url };
}

const stream =
  (...parts: readonly string[]): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const part of parts) response.write(part);
    response.end();
  };

test("events that the endpoint left out are told on the side, where they were", async () => {
  const { printed, noted, url } = await run(
    stream(
      ': hello\n\nid: 7\ndata: {"a":1}\n\n',
      "event: ski",
      'pped\ndata: 12\n\n:\n\ndata: {"a',
      '":2}\n\n',
      "event: other\ndata: 1\n\n",
    ),
    "tail",
    "--json",
  );
  expect(printed).toEqual(['{"a":1}', '{"a":2}']);
  expect(noted).toEqual([
    '12 events came faster than they were read here; "opentrail lookup" finds them.',
    `${url} ended the stream.`,
  ]);
});

test("--count ends it, without a word", async () => {
  const { printed, noted } = await run(stream("data: {}\n\ndata: {}\n\ndata: {}\n\n"), "tail", "--json", "--count", "2");
  expect([printed, noted]).toEqual([["{}", "{}"], []]);
});

test.each(["0", "1.5", "x"])("--count %s is refused", async (count) => {
  await expect(run(stream(), "tail", "--count", count)).rejects.toThrow("--count takes a whole number from 1");
});

test("an endpoint that is something else is said to be", async () => {
  const page: RequestListener = (_request, response) => response.end("<html>");
  await expect(run(page, "status")).rejects.toThrow(CliError);
  await expect(run(page, "status")).rejects.toThrow("not as OpenTrail does (no JSON for /_opentrail/status)");
});
