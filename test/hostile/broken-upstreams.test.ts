import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { createUser, request, s3Request, said, signedFor } from "./support/aws-request.ts";
import { statusOf, targetOf } from "./support/message-reader.ts";
import { openFiles } from "./support/process-facts.ts";
import { RawConnection } from "./support/raw-connection.ts";
import { settled } from "./support/settled.ts";
import { type Arrival, type Behaviour, startStrictUpstream, type StrictUpstream } from "./support/strict-upstream.ts";

let upstream: StrictUpstream;
let trail: OpenTrailProcess;

beforeAll(async () => {
  upstream = await startStrictUpstream(() => said());
  const config = join(mkdtempSync(join(tmpdir(), "opentrail-config-")), "opentrail.yaml");
  writeFileSync(
    config,
    `upstreams: { default: "${upstream.url}" }\nupstream: { headersTimeoutSeconds: 3, bodyTimeoutSeconds: 3 }\n`,
  );
  trail = await startOpenTrail({ flags: ["--config", config, "--log-level", "error"] });
});
afterAll(async () => {
  await trail?.remove();
  await upstream?.close();
});

const IDS = "x-amzn-requestid: theirs\r\nx-amz-request-id: theirs\r\n";
const OK = `HTTP/1.1 200 OK\r\n${IDS}`;

/** Says this and closes. */
function last(bytes: string | Buffer): Behaviour {
  return ({ socket }) => void socket.end(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
}

/** What the client must get: an answer with this status and body, a broken one, or any of several. */
type Expected = readonly [status: number, body: string | RegExp] | "broken";

const FAILED: Expected = [502, /<Code>(?:InternalFailure|InternalError)<\/Code>/];
const LATE: Expected = [504, /<Code>RequestTimeout<\/Code>/];

const ROWS: readonly (readonly [name: string, Behaviour, Expected])[] = [
  ["closes without a word", last(""), FAILED],
  ["resets", ({ socket }) => void socket.resetAndDestroy(), FAILED],
  ["never answers", () => undefined, LATE],
  ["begins a head and stops", ({ socket }) => void socket.write("HTTP/1.1 200 OK\r\nX: "), LATE],
  ["ends within its head", last("HTTP/1.1 200 OK\r\nX: y\r\n"), FAILED],
  ["speaks something else", last("220 mail.example.com ESMTP\r\n"), FAILED],
  ["sends noise", last(Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 251))), FAILED],
  [
    "sends a head without end",
    ({ socket }) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(`X-Long: ${"x".repeat(1000)}\r\n`)) continue;
        if (!socket.destroyed) socket.once("drain", more);
      };
      socket.write("HTTP/1.1 200 OK\r\n");
      more();
      return undefined;
    },
    FAILED,
  ],
  ["sends a line without end", last(`${OK}X: ${"x".repeat(300_000)}\r\n\r\n`), FAILED],
  ["has two lengths", last(`${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`), FAILED],
  ["has a length and chunks", last(`${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`), FAILED],
  ["has a length below zero", last(`${OK}Content-Length: -5\r\n\r\nhello`), FAILED],
  ["has a length that is none", last(`${OK}Content-Length: five\r\n\r\nhello`), FAILED],
  ["has a NUL in its head", last(`${OK}X: \u0000\r\nContent-Length: 0\r\n\r\n`), FAILED],
  ["has an unknown coding", last(`${OK}Transfer-Encoding: gzip\r\n\r\nhello`), FAILED],
  ["sends less than it says", last(`${OK}Content-Length: 50\r\n\r\nhello`), FAILED],
  ["sends less than it says, at length", last(`${OK}Content-Length: 3000000\r\n\r\n${"x".repeat(2_000_000)}`), "broken"],
  ["sends chunks that are none", last(`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n`), FAILED],
  ["sends chunks without end", last(`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`), FAILED],
  ["stops within its body", ({ socket }) => void socket.write(`${OK}Content-Length: 50\r\n\r\nhello`), LATE],
  ["switches protocols", last("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), FAILED],
  [
    "says 1xx for ever",
    ({ socket }) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write("HTTP/1.1 103 Early Hints\r\n\r\n")) continue;
        if (!socket.destroyed) socket.once("drain", more);
      };
      more();
      return undefined;
    },
    FAILED,
  ],
  [
    "says 1xx a few times, then answers",
    ({ socket }) => void socket.write(`${"HTTP/1.1 102 Processing\r\n\r\n".repeat(5)}${OK}Content-Length: 2\r\n\r\nok`),
    [200, "ok"],
  ],
  ["answers until it closes", last(`${OK}\r\nuntil the end`), [200, "until the end"]],
  ["speaks HTTP/1.0", last(`HTTP/1.0 200 OK\r\n${IDS}\r\nold`), [200, "old"]],
  ["sends more than it says", last(`${OK}Content-Length: 2\r\n\r\nok${"more".repeat(100)}`), [200, "ok"]],
  [
    "sends trailers",
    last(`${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\nContent-Length: 9\r\n\r\n`),
    [200, "ok"],
  ],
  ["has no reason phrase", last(`HTTP/1.1 200\r\n${IDS}Content-Length: 2\r\n\r\nok`), [200, "ok"]],
  ["ends its connection within its head, by name", last(`${OK}Connection: close\r\nContent-Length: 2\r\n\r\nok`), [200, "ok"]],
];

test.each(ROWS)("an upstream that %s", async (_name, behaviour, expected) => {
  const before = await settled(trail.url);
  upstream.answer = behaviour;
  const connection = new RawConnection(trail.url);
  connection.send(createUser("broken"));
  const answer = await connection.answer(0, 30_000);
  connection.close();
  if (expected === "broken") expect(answer.whole).toBe(false);
  else {
    expect(statusOf(answer)).toBe(expected[0]);
    expect(answer.whole).toBe(true);
    if (typeof expected[1] === "string") expect(answer.body.toString()).toBe(expected[1]);
    else expect(answer.body.toString()).toMatch(expected[1]);
  }
  expect(connection.problem).toBeUndefined();
  const after = await settled(trail.url);
  expect([after.arrived - before.arrived, after.recorded - before.recorded]).toEqual([1, 1]);
  expect((await trail.events({ limit: "1" })).length).toBeGreaterThan(0);
  // Nothing of it is left for the next.
  upstream.answer = () => said(200, "next");
  const next = new RawConnection(trail.url);
  next.send(createUser("next"));
  expect((await next.answer()).body.toString()).toBe("next");
  next.close();
});

test.each([
  ["goes on", ""],
  ["closes", "Connection: close\r\n"],
])("an upstream that answers before it has read the body, and %s", async (_name, line) => {
  // Read off the socket by hand: the strict reader waits for the end.
  let read = 0;
  const server = createServer((socket) => {
    socket.once("data", () => {
      socket.write(`HTTP/1.1 403 Forbidden\r\n${IDS}${line}Content-Length: 6\r\n\r\ndenied`);
      if (line !== "") socket.end();
    });
    socket.on("data", (chunk: Buffer) => (read += chunk.length));
    socket.on("error", () => {});
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const early = await startOpenTrail({ flags: ["--upstream", `http://127.0.0.1:${port}`, "--log-level", "error"] });
  try {
    const connection = new RawConnection(early.url);
    connection.send(s3Request("PUT /b?versioning HTTP/1.1", ["Content-Length: 50000000"]));
    const piece = Buffer.alloc(1_000_000);
    for (let left = 50; left > 0 && connection.answers.length === 0 && connection.ended === undefined; left -= 1) {
      connection.send(piece);
      await new Promise((later) => setTimeout(later, 5));
    }
    const answer = await connection.answer();
    expect([statusOf(answer), answer.body.toString()]).toEqual([403, "denied"]);
    connection.close();
    const { recorded } = await settled(early.url);
    expect(recorded).toBe(1);
    expect(read).toBeLessThanOrEqual(50_001_000);
  } finally {
    await early.remove();
    await new Promise((closed) => {
      server.close(closed);
      server.unref();
    });
  }
});

test("connections that the upstream closes while they idle cost no call, whenever it does", async () => {
  const failed: number[] = [];
  const closer =
    (wait: number | undefined) =>
    ({ socket }: Arrival) => {
      socket.write(said(200, "once"));
      if (wait === undefined) socket.end();
      else setTimeout(() => socket.destroy(), wait);
      return undefined;
    };
  const connection = new RawConnection(trail.url);
  for (let at = 0; at < 200; at += 1) {
    upstream.answer = closer(at % 4 === 0 ? undefined : (at % 7) / 2);
    // Reads, which may be sent again where the connection proves to be closed.
    connection.send(request("GET /2015-03-31/functions/f HTTP/1.1", ["Host: x", ...signedFor("lambda")]));
    const answer = await connection.answer(at);
    if (statusOf(answer) !== 200) failed.push(at);
    await new Promise((later) => setTimeout(later, at % 5));
  }
  connection.close();
  upstream.answer = () => said();
  expect(failed).toEqual([]);
});

test("a call on a kept connection may take longer than one is kept idle", async () => {
  const patient = await startOpenTrail({ flags: ["--upstream", upstream.url, "--log-level", "error"] });
  try {
    upstream.answer = () => said(200, "first");
    const connection = new RawConnection(patient.url);
    connection.send(createUser("first"));
    await connection.answer();
    upstream.answer = ({ socket }) => void setTimeout(() => socket.write(said(200, "late")), 7000);
    connection.send(createUser("late"));
    const answer = await connection.answer(1);
    expect([statusOf(answer), answer.body.toString()]).toEqual([200, "late"]);
    connection.close();
  } finally {
    await patient.remove();
    upstream.answer = () => said();
  }
});

test("leaves nothing behind", async () => {
  await settled(trail.url);
  await until(async () => (openFiles(trail.pid) < 120 ? true : undefined), "files to be closed");
  expect(upstream.violations).toEqual([]);
  expect(upstream.arrivals.every(({ message }) => targetOf(message) !== "")).toBe(true);
  expect(trail.log()).not.toContain("unhandled");
});
