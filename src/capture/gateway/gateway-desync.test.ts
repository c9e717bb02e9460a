import { Readable } from "node:stream";
import { afterEach, expect, test } from "vitest";
import type { Endpoint } from "../../aws/endpoint.ts";
import { closeBenches, RawConnection, s3Head, startBench } from "./gateway-bench.test-support.ts";

afterEach(closeBenches);

const answering = (length: string, body: () => Readable | Uint8Array): Endpoint => ({
  send: async () => ({ status: 200, headers: ["Content-Length", length], body: body() }),
  close: async () => {},
});

const hello = Buffer.from("hello");
const SECOND = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine";

/** Whoever reads such an answer takes what comes behind it for the rest of it, or the rest for the next one. */
test.each<[string, Endpoint]>([
  ["shorter than announced", answering("6", () => hello)],
  ["shorter than announced, as a stream", answering("6", () => Readable.from([hello]))],
  ["longer than announced", answering("4", () => hello)],
  ["longer than announced, as a stream", answering("4", () => Readable.from([Buffer.from("he"), Buffer.from(`llo${SECOND}`)]))],
  ["absent", answering("5", () => Buffer.alloc(0))],
  ["of a length that is none", answering("five", () => hello)],
])("an answer that is %s is the last of its connection", async (_name, endpoint) => {
  const bench = await startBench({ endpoint });
  const connection = new RawConnection(bench.port);
  connection.send(s3Head("GET /b/1 HTTP/1.1") + s3Head("GET /b/2 HTTP/1.1"));
  const text = await connection.closed();
  expect(text.match(/HTTP\/1\.1 /g)?.length ?? 0).toBeLessThan(2);
  expect(text).not.toContain("mine");
  await bench.metrics.idle(1);
  expect(bench.recorder.calls).toHaveLength(1);
});

test("a client that is refused before its body was asked for finds the connection at its end", async () => {
  const bench = await startBench({ endpoint: answering("5", () => hello) });
  const connection = new RawConnection(bench.port);
  const expecting = s3Head("PUT /b/k HTTP/1.1", "Expect: 100-continue", "Content-Length: 200000");
  connection.send(expecting + s3Head("GET /b/2 HTTP/1.1"));
  expect(await connection.closed()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nConnection: close\r\n[^]*hello$/);
  connection.socket.destroy();
  await bench.metrics.idle(1);
  expect(bench.recorder.calls).toHaveLength(1);
});
