import { once } from "node:events";
import type { Socket } from "node:net";
import { type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { EndpointFailure } from "../../aws/endpoint.ts";
import {
  type BenchOptions,
  call,
  closeBenches,
  iamForm,
  oneRecord,
  RawConnection,
  s3Head,
  signed,
  startBench,
} from "./gateway-bench.test-support.ts";

afterEach(closeBenches);

function sendsThenStalls(size: number, announced = size * 2) {
  return (message: IncomingMessage, response: ServerResponse): void => {
    message.resume();
    response.writeHead(200, { "content-length": String(announced) });
    response.write(Buffer.alloc(size, "x"));
  };
}

describe("one record, whatever fails", () => {
  const short = { headersTimeout: 150, bodyTimeout: 150 };
  const cases: [string, BenchOptions, { status: number; code: string; note: string; outcome: string }][] = [
    [
      "nobody listens",
      { upstreamOptions: { url: "http://127.0.0.1:1" } },
      { status: 503, code: "ServiceUnavailable", note: "unreachable", outcome: "unreachable" },
    ],
    [
      "the head never comes",
      { peer: (message) => void message.resume(), upstreamOptions: short },
      { status: 504, code: "RequestTimeout", note: "timeout", outcome: "timeout" },
    ],
    [
      "the connection closes instead of an answer",
      { peer: (message) => void message.socket.destroy() },
      { status: 502, code: "InternalError", note: "cut-off", outcome: "cut-off" },
    ],
    [
      "the answer is no HTTP",
      { peer: (message) => void message.socket.end("SSH-2.0-hello\r\n") },
      { status: 502, code: "InternalError", note: "cut-off", outcome: "cut-off" },
    ],
    [
      "the body stalls",
      { peer: sendsThenStalls(1000), upstreamOptions: short },
      { status: 504, code: "RequestTimeout", note: "timeout", outcome: "timeout" },
    ],
    [
      "the body breaks off",
      {
        peer: (message, response) => {
          sendsThenStalls(1000)(message, response);
          setTimeout(() => message.socket.destroy(), 30);
        },
      },
      { status: 502, code: "InternalError", note: "cut-off", outcome: "cut-off" },
    ],
    [
      "the endpoint throws what it should not",
      { endpoint: { send: () => Promise.reject(new TypeError("a bug")), close: async () => {} } },
      { status: 500, code: "InternalError", note: "internal", outcome: "failed" },
    ],
    [
      "the endpoint throws at once",
      {
        endpoint: {
          send: () => {
            throw new EndpointFailure("unreachable", "no upstream");
          },
          close: async () => {},
        },
      },
      { status: 503, code: "ServiceUnavailable", note: "unreachable", outcome: "unreachable" },
    ],
  ];
  test.each(cases)("%s", async (_name, options, { status, code, note, outcome }) => {
    const bench = await startBench(options);
    const answer = await call(bench.port, { path: "/b/k", headers: signed("s3") });
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).toContain(`<Code>${code}</Code>`);
    const recorded = await oneRecord(bench);
    expect(recorded.error).toMatchObject({ code, status });
    expect(recorded.notes).toEqual({ upstreamFailure: note });
    expect(recorded.response).toMatchObject({ status });
    expect(recorded.requestId).toBe(answer.headers["x-amz-request-id"]);
    expect(bench.metrics.counts.get(`finished s3 ${outcome}`)).toBe(1);
  });

  test.each([
    ["stalls", (_message: IncomingMessage) => {}, "timeout", short],
    ["breaks off", (message: IncomingMessage) => void setTimeout(() => message.socket.destroy(), 30), "cut-off", {}],
  ])("a body that flows already and %s is cut", async (_name, then, note, upstreamOptions) => {
    const bench = await startBench({
      peer: (message, response) => {
        sendsThenStalls(3 * 1024 * 1024)(message, response);
        then(message);
      },
      upstreamOptions,
    });
    await expect(call(bench.port, { path: "/b/k", headers: signed("s3") })).rejects.toThrow();
    const recorded = await oneRecord(bench);
    expect(recorded.response?.status).toBe(200);
    expect(recorded.error?.status).toBe(note === "timeout" ? 504 : 502);
    expect(recorded.notes).toEqual({ upstreamFailure: note });
  });

  test.each<[string, (socket: Socket) => void]>([
    ["resets", (socket) => socket.resetAndDestroy()],
    ["closes, and stays away", (socket) => socket.destroy()],
  ])("the client %s before the answer", async (_how, leave) => {
    const { promise: upstreamClosed, resolve } = Promise.withResolvers<void>();
    const bench = await startBench({
      peer: (message) => void message.resume().socket.once("close", resolve),
      limits: { halfClosedTimeout: 100 },
    });
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("GET /b/k HTTP/1.1"));
    await once(bench.upstream, "request");
    leave(connection.socket);
    await upstreamClosed;
    const recorded = await oneRecord(bench);
    expect(recorded).toMatchObject({ response: undefined, error: undefined, notes: { clientDisconnected: true } });
  });

  test("a client that has closed its half gets its answer", async () => {
    const bench = await startBench({
      peer: (message, response) => void setTimeout(() => message.resume().on("end", () => response.end("late")), 50),
    });
    const connection = new RawConnection(bench.port);
    connection.socket.end(s3Head("GET /b/k HTTP/1.1"));
    expect(await connection.closed()).toMatch(/^HTTP\/1.1 200 [\s\S]*late$/);
    await oneRecord(bench);
  });

  test("the client leaves while its body is under way", async () => {
    const { promise: upstreamClosed, resolve } = Promise.withResolvers<void>();
    const bench = await startBench({
      peer: (message) =>
        void message
          .on("error", () => {})
          .resume()
          .socket.once("close", resolve),
    });
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("PUT /b/k HTTP/1.1", "Content-Length: 1000000"));
    connection.send(Buffer.alloc(70_000));
    await once(bench.upstream, "request");
    connection.socket.destroy();
    await upstreamClosed;
    const recorded = await oneRecord(bench);
    expect(recorded.notes).toEqual({ clientDisconnected: true });
    expect(recorded.response).toBeUndefined();
  });

  test("the client leaves within the answer", async () => {
    const { promise: upstreamClosed, resolve } = Promise.withResolvers<void>();
    const bench = await startBench({
      peer: (message, response) => {
        message.socket.once("close", resolve);
        sendsThenStalls(3 * 1024 * 1024)(message, response);
      },
    });
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("GET /b/k HTTP/1.1"));
    await connection.until(/\r\n\r\nx/);
    connection.socket.destroy();
    await upstreamClosed;
    const recorded = await oneRecord(bench);
    expect(recorded).toMatchObject({ response: { status: 200 }, notes: { clientDisconnected: true } });
  });

  test("the client does not read its answer", async () => {
    const bench = await startBench({
      peer: (message, response) => message.resume().on("end", () => response.end(Buffer.alloc(64 * 1024 * 1024))),
      limits: { answerStallTimeout: 200 },
    });
    const connection = new RawConnection(bench.port);
    connection.socket.pause();
    connection.send(s3Head("GET /b/k HTTP/1.1"));
    const recorded = await oneRecord(bench);
    expect(recorded.notes).toEqual({ clientDisconnected: true });
    connection.socket.destroy();
  });

  test("the client stops sending its body", async () => {
    const bench = await startBench({
      peer: (message) => void message.on("error", () => {}).resume(),
      limits: { bodyIdleTimeout: 150 },
    });
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("PUT /b/k HTTP/1.1", "Content-Length: 1000000"));
    connection.send("beginning");
    expect(await connection.until(/<\/Error>/)).toMatch(/^HTTP\/1.1 400 [\s\S]*<Code>RequestTimeout<\/Code>/);
    connection.socket.destroy();
    const recorded = await oneRecord(bench);
    expect(recorded.error).toMatchObject({ code: "RequestTimeout", status: 400 });
    expect(recorded.request.bodyBytes).toBe(9);
  });

  test("the client stops sending a form", async () => {
    const bench = await startBench({ limits: { bodyIdleTimeout: 150 } });
    const connection = new RawConnection(bench.port);
    connection.send(
      `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: ${iamForm["authorization"] ?? ""}\r\nContent-Type: ${iamForm["content-type"] ?? ""}\r\nContent-Length: 100\r\n\r\n`,
    );
    connection.send("Action=DeleteUser&Version=2010-05-08&User");
    expect(await connection.until(/<\/ErrorResponse>/)).toMatch(/^HTTP\/1.1 400 /);
    connection.socket.destroy();
    expect(await oneRecord(bench)).toMatchObject({ operationName: "DeleteUser", error: { code: "RequestTimeout" } });
  });

  test("the upstream stops reading the body", async () => {
    const bench = await startBench({ peer: (message) => void message.pause(), upstreamOptions: { headersTimeout: 300 } });
    const size = 32 * 1024 * 1024;
    const answer = await call(
      bench.port,
      { method: "PUT", path: "/b/k", headers: signed("s3", { "content-length": String(size) }) },
      Buffer.alloc(size),
    ).catch((error: unknown) => error);
    const recorded = await oneRecord(bench);
    expect(recorded.error).toMatchObject({ code: "RequestTimeout", status: 504 });
    // The client may see the answer, or the end of a connection that it was still writing to.
    if (!(answer instanceof Error)) expect(answer).toMatchObject({ status: 504 });
  });

  test("the upstream answers before it has read the body", async () => {
    const bench = await startBench({
      peer: (_message, response) => void response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>"),
    });
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("PUT /b/k HTTP/1.1", "Content-Length: 300000"));
    connection.send(Buffer.alloc(100_000));
    await connection.until(/AccessDenied/);
    connection.send(Buffer.alloc(200_000));
    // The connection goes on to serve.
    connection.send(s3Head("GET /b/second HTTP/1.1"));
    await connection.until(/AccessDenied[\s\S]+AccessDenied/);
    connection.socket.destroy();
    expect(bench.recorder.calls.map(({ error }) => error?.code)).toEqual(["AccessDenied", "AccessDenied"]);
  });

  test("an answer that comes after the client left is released", async () => {
    const asked = Promise.withResolvers<void>();
    const late = Promise.withResolvers<void>();
    const body = new Readable({ read: () => {} });
    const bench = await startBench({
      endpoint: {
        send: async () => {
          asked.resolve();
          await late.promise;
          return { status: 200, headers: [], body };
        },
        close: async () => {},
      },
    });
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("GET /b/k HTTP/1.1"));
    await asked.promise;
    connection.socket.resetAndDestroy();
    await oneRecord(bench);
    late.resolve();
    await once(body, "close");
    expect(body.destroyed).toBe(true);
  });
});
