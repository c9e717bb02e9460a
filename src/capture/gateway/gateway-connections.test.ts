import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import type { Identities } from "../identity/identities.ts";
import {
  type BenchOptions,
  call,
  closeBenches,
  oneRecord,
  RawConnection,
  s3Head,
  signed,
  startBench,
} from "./gateway-bench.test-support.ts";

afterEach(closeBenches);

describe("what is not HTTP", () => {
  test.each([
    ["two lengths of a body", s3Head("PUT /b/k HTTP/1.1", "Content-Length: 4", "Transfer-Encoding: chunked") + "0\r\n\r\n", 400],
    ["two different Content-Length", s3Head("PUT /b/k HTTP/1.1", "Content-Length: 4", "Content-Length: 5") + "body!", 400],
    ["an obfuscated Transfer-Encoding", s3Head("PUT /b/k HTTP/1.1", "Transfer-Encoding: xchunked") + "0\r\n\r\n", 400],
    ["a line folded", s3Head("GET /b/k HTTP/1.1", "X-A: b", " c"), 400],
    ["two hosts", s3Head("GET /b/k HTTP/1.1", "Host: y"), 400],
    ["no path", s3Head("OPTIONS * HTTP/1.1"), 400],
    ["a tunnel", s3Head("CONNECT elsewhere:443 HTTP/1.1"), 400],
    ["a version of nobody's", s3Head("GET /b/k HTTP/2.0"), 400],
    ["a length by another name", s3Head("GET /b/k HTTP/1.1", "Content_Length: 4"), 400],
    ["a head without end", `GET /b/k HTTP/1.1\r\nX-Large: ${"x".repeat(70_000)}\r\n`, 431],
    ["TLS on a plain port", "\u0016\u0003\u0001\u0000\u0001\u0001", 400],
  ])("%s", async (_name, bytes, status) => {
    const bench = await startBench({ peer: () => expect.unreachable() });
    const connection = new RawConnection(bench.port);
    connection.send(Buffer.from(bytes, "latin1"));
    expect(await connection.closed()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(bench.recorder.calls).toEqual([]);
    expect(bench.metrics.counts.get("malformed")).toBe(1);
    connection.socket.destroy();
  });

  test("behind a call that waits, is refused behind that call's answer", async () => {
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
    const bench = await startBench({
      peer: (message, response) => void mayAnswer.then(() => message.resume().on("end", () => response.end("late"))),
    });
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("GET /b/k HTTP/1.1"));
    await once(bench.upstream, "request");
    connection.send("garbage\r\n\r\n");
    answer();
    expect(await connection.closed()).toMatch(/^HTTP\/1.1 200 [\s\S]*lateHTTP\/1.1 400 /);
    expect((await oneRecord(bench)).response?.status).toBe(200);
    expect(bench.metrics.counts.get("malformed")).toBe(1);
    connection.socket.destroy();
  });

  test("chunks that are none end the call", async () => {
    const bench = await startBench({ peer: (message) => void message.on("error", () => {}).resume() });
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("PUT /b/k HTTP/1.1", "Transfer-Encoding: chunked") + "5\r\nhello\r\n");
    await once(bench.upstream, "request");
    connection.send("zz\r\n");
    await connection.closed();
    expect((await oneRecord(bench)).notes).toEqual({ clientDisconnected: true });
  });
});

describe("bounds", () => {
  test("requests sent ahead are carried out one after the other", async () => {
    const order: string[] = [];
    const bench = await startBench({
      peer: (message, response) => {
        order.push(`asked ${message.url}`);
        setTimeout(() => {
          order.push(`answered ${message.url}`);
          response.end(message.url);
        }, 5);
      },
    });
    const connection = new RawConnection(bench.port);
    connection.send(["/b/1", "/b/2", "/b/3"].map((path) => s3Head(`GET ${path} HTTP/1.1`)).join(""));
    await connection.until(/\/b\/3$/);
    expect(order).toEqual(["1", "2", "3"].flatMap((at) => [`asked /b/${at}`, `answered /b/${at}`]));
    connection.socket.destroy();
  });

  test.each<[string, BenchOptions["limits"], string]>([
    ["calls", { calls: 1 }, "1"],
    ["bodies", { keptBodies: 100 }, "x".repeat(60)],
  ])("%s beyond the bound are refused, and counted", async (_name, limits, body) => {
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
    const bench = await startBench({
      peer: (message, response) => void mayAnswer.then(() => message.resume().on("end", () => response.end())),
      ...(limits === undefined ? {} : { limits }),
    });
    const options = { method: "PUT", path: "/b?versioning", headers: signed("s3", { "content-length": String(body.length) }) };
    const first = call(bench.port, options, body);
    await once(bench.upstream, "request");
    const second = await call(bench.port, options, body);
    expect([second.status, second.body.toString()]).toEqual([503, expect.stringContaining("<Code>SlowDown</Code>")]);
    answer();
    expect((await first).status).toBe(200);
    await bench.metrics.idle(0);
    expect(bench.recorder.calls).toHaveLength(1);
    expect(bench.metrics.counts.get("refused")).toBe(1);
    expect((await call(bench.port, options, body)).status).toBe(200);
  });
});

describe("a mistake of our own costs one request", () => {
  const mistake = (): never => {
    throw new Error("a mistake of ours");
  };
  const identities: Identities = {
    resolve: () => ({ accountId: "111122223333", caller: { kind: "anonymous" } }),
    learn: () => {},
    close: async () => {},
  };

  test.each<[string, BenchOptions, string]>([
    ["in an own path", { ownPaths: mistake }, "/_opentrail/health"],
    ["before there is a call", { identities: { ...identities, resolve: mistake } }, "/b/k"],
    ["within a call", { identities: { ...identities, learnsFrom: mistake } }, "/b/k"],
  ])("%s", async (_name, options, path) => {
    const bench = await startBench(options);
    bench.recorder.selects = () => false;
    expect((await call(bench.port, { path, headers: signed("s3") })).status).toBe(500);
    await bench.metrics.idle(0);
    expect(bench.metrics.sum("unrecorded record-failed")).toBe(bench.metrics.sum("finished"));
    expect((await call(bench.port, { path: "/", headers: { accept: "text/html" } })).status).toBe(302);
  });
});

describe("close", () => {
  test("finishes what is under way", async () => {
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
    const bench = await startBench({
      peer: (message, response) => void mayAnswer.then(() => message.resume().on("end", () => response.end("late"))),
    });
    const answered = call(bench.port, { path: "/b/k", headers: signed("s3") });
    await once(bench.upstream, "request");
    const closed = bench.gateway.close();
    await expect(call(bench.port, { path: "/b/k" })).rejects.toThrow(/ECONNREFUSED/);
    answer();
    expect((await answered).body.toString()).toBe("late");
    await closed;
    await oneRecord(bench);
  });

  test("ends each connection with the answer that is under way on it", async () => {
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
    const bench = await startBench({
      peer: (message, response) => void mayAnswer.then(() => message.resume().on("end", () => response.end("late"))),
    });
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("GET /b/k HTTP/1.1"));
    await once(bench.upstream, "request");
    const closed = bench.gateway.close();
    answer();
    expect(await connection.closed()).toMatch(/\r\nConnection: close\r\n[\s\S]*late$/);
    connection.socket.destroy();
    await closed;
  });

  test("cuts what takes too long, and records it", async () => {
    const bench = await startBench({ peer: (message) => void message.resume(), limits: { closeTimeout: 100 } });
    const answered = call(bench.port, { path: "/b/k", headers: signed("s3") });
    answered.catch(() => {});
    await once(bench.upstream, "request");
    await bench.gateway.close();
    await expect(answered).rejects.toThrow();
    expect((await oneRecord(bench)).notes).toEqual({ clientDisconnected: true });
  });
});
