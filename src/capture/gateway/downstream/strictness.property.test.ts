import { createServer, type IncomingMessage, METHODS } from "node:http";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedHead, readRequestHead } from "../routing/request-head.ts";
import type { ArrivedRequest } from "./client-connection.ts";
import { Listener, pair, type Side, type Taken, TestHost, turns } from "./downstream.test-support.ts";
import { connectionBytes, cutAt, cuts } from "./request-bytes.test-support.ts";

const RUNS = Number(process.env["OPENTRAIL_RUNS"] ?? 1500);
/** Milliseconds in which a connection in memory is through. */
const HANGS = 5_000;

async function send(client: Side, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    if (client.destroyed) return;
    client.write(piece);
    await turns(1);
  }
  client.end();
}

/** The requests that `node:http` takes for whole, by their place among all that it took up. */
async function takenByNode(pieces: readonly Buffer[]): Promise<(Taken | undefined)[]> {
  const [client, socket] = pair();
  const taken: (Taken | undefined)[] = [];
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const server = createServer({ maxHeaderSize: 64 * 1024, insecureHTTPParser: false });
  server.maxHeadersCount = 0;
  Object.assign(server, { httpAllowHalfOpen: true });
  const take = (message: IncomingMessage): void => {
    const at = taken.push(undefined) - 1;
    const chunks: Buffer[] = [];
    message.on("error", () => {});
    message.on("data", (chunk: Buffer) => chunks.push(chunk));
    message.on("end", () => {
      const { method = "", url = "", rawHeaders: lines } = message;
      if (message.complete) taken[at] = { method, target: url, lines, body: Buffer.concat(chunks) };
    });
  };
  for (const event of ["request", "checkContinue", "checkExpectation"]) server.on(event, take);
  // What came before is still read.
  server.on("clientError", () => resolve());
  server.on("connect", () => resolve());
  for (const event of ["end", "close"]) socket.on(event, resolve);
  server.emit("connection", socket);
  client.resume();
  await send(client, pieces);
  await over;
  await turns();
  client.destroy();
  socket.destroy();
  return taken;
}

interface Ours {
  readonly taken: readonly Taken[];
  readonly answers: string;
}

/** As the gateway takes requests up. */
async function takenByUs(pieces: readonly Buffer[]): Promise<Ours> {
  const [client, socket] = pair();
  const host = new TestHost(async (request: ArrivedRequest) => {
    const { method, target, lines } = request.head;
    try {
      readRequestHead(method, target, lines);
    } catch (error) {
      if (!(error instanceof MalformedHead)) throw error;
      request.answer.endConnection();
      request.answer.head(400, undefined, []);
      return request.answer.end();
    }
    await turns(1);
    return host.take(request);
  });
  host.serve(socket);
  const heard = new Listener(client);
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("the connection hangs")), HANGS);
  await send(client, pieces);
  await Promise.race([heard.end(), late]);
  clearTimeout(timer);
  await turns();
  expect(host.connections.size).toBe(0);
  expect(socket.destroyed).toBe(true);
  return { taken: host.taken, answers: heard.text };
}

function shown({ method, target, lines, body }: Taken): unknown {
  return [method, target, lines, body.toString("latin1")];
}

/**
 * How many of these Node reads at all: none from a method on that it does not know, for those are for upstreams to know; and none behind an
 * upgrade that nobody takes up, where this is still HTTP (RFC 9110, 7.8).
 */
function readByNode(taken: readonly Taken[]): number {
  const strange = taken.findIndex(({ method }) => !METHODS.includes(method));
  const upgrade = taken.findIndex(({ lines }) => lines.some((name, at) => at % 2 === 0 && /^upgrade$/i.test(name)));
  return Math.min(strange === -1 ? Infinity : strange, upgrade === -1 ? Infinity : upgrade + 1);
}

/** Statuses, and what answers to whole requests say. */
function said(answers: string): readonly string[] {
  return [...answers.matchAll(/HTTP\/1\.1 (\d{3}) |\r\n\r\n(\d+ [A-Z]+ [^ ]* \d+)(?=HTTP\/|$)/g)].map(
    ([, status, body]) => status ?? body ?? "",
  );
}

describe("strictness", () => {
  test("what is handed out is what node:http understands", async () => {
    let whole = 0;
    await fc.assert(
      fc.asyncProperty(connectionBytes, cuts, async (bytes, at) => {
        const [node, ours] = await Promise.all([takenByNode(cutAt(bytes, at)), takenByUs(cutAt(bytes, at))]);
        whole += ours.taken.length;
        ours.taken.slice(0, readByNode(ours.taken)).forEach((each, index) => {
          const other = node[index];
          expect(shown(each)).toEqual(other === undefined ? "nothing" : shown(other));
        });
        const answered = said(ours.answers).filter((status) => status === "200").length;
        expect(answered).toBe(ours.taken.length);
      }),
      { numRuns: RUNS },
    );
    // Were all refused, this would say nothing.
    expect(whole).toBeGreaterThan(RUNS / 2);
  });

  test("wherever it is cut, it is the same", async () => {
    await fc.assert(
      fc.asyncProperty(connectionBytes, cuts, async (bytes, at) => {
        const [once, cut, octets] = await Promise.all([
          takenByUs([bytes]),
          takenByUs(cutAt(bytes, at)),
          takenByUs(Array.from(bytes, (_, index) => bytes.subarray(index, index + 1))),
        ]);
        for (const other of [cut, octets]) {
          expect(other.taken.map(shown)).toEqual(once.taken.map(shown));
          expect(said(other.answers)).toEqual(said(once.answers));
        }
      }),
      { numRuns: Math.ceil(RUNS / 5) },
    );
  });
});
