import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { EndpointFailure } from "../../aws/endpoint.ts";
import {
  type Bench,
  type BenchOptions,
  call,
  closeBenches,
  iamForm,
  jsonTarget,
  RawConnection,
  signed,
  startBench,
} from "./gateway-bench.test-support.ts";

afterEach(closeBenches);

const s3Head = (line: string, ...lines: string[]): string =>
  `${[line, "Host: x", `Authorization: ${signed("s3")["authorization"] ?? ""}`, ...lines].join("\r\n")}\r\n\r\n`;

/** A gate that the test opens or spoils. */
function gate() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {});
  return { promise, open: resolve, spoil: () => reject(new Error("the disk is full")) };
}

/** Every call leaves one record and is counted once. */
async function oneRecord(bench: Bench): Promise<Bench["recorder"]["calls"][number]> {
  await bench.metrics.idle(1);
  expect(bench.recorder.calls).toHaveLength(1);
  expect(bench.metrics.sum("finished")).toBe(1);
  expect(bench.metrics.sum("recorded") + bench.metrics.sum("refused") + bench.metrics.sum("unrecorded")).toBe(1);
  return bench.recorder.calls[0]!;
}

function sendsThenStalls(size: number, announced = size * 2) {
  return (message: IncomingMessage, response: ServerResponse): void => {
    message.resume();
    response.writeHead(200, { "content-length": String(announced) });
    response.write(Buffer.alloc(size, "x"));
  };
}

describe("the answer waits for the event", () => {
  test("whole, when it is short", async () => {
    const bench = await startBench({ peer: (message, response) => message.resume().on("end", () => response.end("short")) });
    const { promise, open } = gate();
    bench.recorder.gate = () => promise;
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("GET /b/k HTTP/1.1"));
    await bench.recorder.atLeast(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(connection.text).toBe("");
    open();
    expect(await connection.until(/short/)).toMatch(/^HTTP\/1.1 200 OK/);
    connection.socket.destroy();
    await oneRecord(bench);
  });

  test.each([
    ["with a length", { "content-length": String(3 * 1024 * 1024) }],
    ["chunked", {}],
  ])("all but its end, when it is long, %s", async (_name, headers) => {
    const size = 3 * 1024 * 1024;
    const bench = await startBench({
      peer: (message, response) =>
        message.resume().on("end", () => response.writeHead(200, headers).end(Buffer.alloc(size, "x"))),
    });
    const { promise, open } = gate();
    bench.recorder.gate = () => promise;
    let received = 0;
    let ended = false;
    const finished = Promise.withResolvers<void>();
    httpRequest({ host: "127.0.0.1", port: bench.port, path: "/b/k", agent: false, headers: signed("s3") }, (message) => {
      message.on("data", (chunk: Buffer) => (received += chunk.length));
      message.on("end", () => {
        ended = true;
        finished.resolve();
      });
    }).end();
    await bench.recorder.atLeast(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(received).toBeGreaterThan(size / 2);
    expect(received).toBeLessThan(size);
    expect(ended).toBe(false);
    open();
    await finished.promise;
    expect(received).toBe(size);
    await oneRecord(bench);
  });

  test("of a stream of events, the end of the message alone", async () => {
    const bench = await startBench({
      peer: (message, response) => {
        message.resume();
        response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
        response.write("first");
        message.socket.once("more", () => response.end("last"));
        (bench.upstream as unknown as { more: () => void }).more = () => message.socket.emit("more");
      },
    });
    const { promise, open } = gate();
    bench.recorder.gate = () => promise;
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("POST /b/k?select&select-type=2 HTTP/1.1", "Content-Length: 0"));
    await connection.until(/first/);
    (bench.upstream as unknown as { more: () => void }).more();
    await bench.recorder.atLeast(1);
    expect(await connection.until(/last\r\n$/)).not.toMatch(/\r\n0\r\n/);
    open();
    await connection.until(/\r\n0\r\n\r\n$/);
    connection.socket.destroy();
    await oneRecord(bench);
  });

  test("and is replaced when there is no event", async () => {
    const bench = await startBench({
      peer: (message, response) => message.resume().on("end", () => response.end(`{"Plaintext":"c2VjcmV0"}`)),
    });
    const { promise, spoil } = gate();
    bench.recorder.gate = () => promise;
    spoil();
    const json = await call(bench.port, { method: "POST", path: "/", headers: jsonTarget("kms", "TrentService.Decrypt") }, "{}");
    expect(json.status).toBe(503);
    expect(JSON.parse(json.body.toString())).toEqual({
      __type: "ServiceUnavailable",
      message: expect.stringMatching(/^Audit recording is unavailable\..*withheld.*the disk is full/) as string,
    });
    expect(bench.metrics.counts.get("unrecorded record-failed")).toBe(1);
    const xml = await call(bench.port, { path: "/b/k", headers: signed("s3") });
    expect(xml.body.toString()).toMatch(/<Code>ServiceUnavailable<\/Code><Message>Audit recording is unavailable\./);
    const head = await call(bench.port, { method: "HEAD", path: "/b/k", headers: signed("s3") });
    expect([head.status, head.body.length]).toEqual([503, 0]);
  });

  test("and is cut when it has begun", async () => {
    const bench = await startBench({
      peer: (message, response) => message.resume().on("end", () => response.end(Buffer.alloc(3 * 1024 * 1024))),
    });
    const { promise, spoil } = gate();
    bench.recorder.gate = () => promise;
    spoil();
    await expect(call(bench.port, { path: "/b/k", headers: signed("s3") })).rejects.toThrow();
    await bench.metrics.idle(1);
    expect(bench.metrics.counts.get("finished s3 withheld")).toBe(1);
  });

  test("unless recording is a best effort", async () => {
    const bench = await startBench({ recording: "best-effort" });
    const { promise, spoil } = gate();
    bench.recorder.gate = () => promise;
    bench.recorder.admission = () => promise;
    spoil();
    expect((await call(bench.port, { path: "/b/k", headers: signed("s3") })).body.toString()).toBe("ok");
    expect(bench.metrics.counts.get("unrecorded record-failed")).toBe(1);
  });

  test("what cannot be recorded is refused before it leaves", async () => {
    let arrived = 0;
    const bench = await startBench({
      peer: (_message, response) => {
        arrived += 1;
        response.end();
      },
    });
    bench.recorder.admission = async () => {
      throw new Error("the disk is full");
    };
    const answer = await call(
      bench.port,
      { method: "POST", path: "/", headers: iamForm },
      "Action=DeleteUser&Version=2010-05-08&UserName=x",
    );
    expect(answer.status).toBe(503);
    expect(answer.body.toString()).toMatch(
      /<Code>ServiceUnavailable<\/Code><Message>Audit recording is unavailable\. The call was not carried out/,
    );
    expect(arrived).toBe(0);
    expect(bench.recorder.calls).toEqual([]);
    expect(bench.metrics.counts.get("refused")).toBe(1);
    bench.recorder.selects = () => false;
    expect((await call(bench.port, { path: "/b/k", headers: signed("s3") })).status).toBe(200);
  });
});

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
    ["stalls", (_message: IncomingMessage) => {}, "timeout"],
    ["breaks off", (message: IncomingMessage) => void setTimeout(() => message.socket.destroy(), 30), "cut-off"],
  ])("a body that flows already and %s is cut", async (_name, then, note) => {
    const bench = await startBench({
      peer: (message, response) => {
        sendsThenStalls(3 * 1024 * 1024)(message, response);
        then(message);
      },
      upstreamOptions: short,
    });
    await expect(call(bench.port, { path: "/b/k", headers: signed("s3") })).rejects.toThrow();
    const recorded = await oneRecord(bench);
    expect(recorded.response?.status).toBe(200);
    expect(recorded.error?.status).toBe(note === "timeout" ? 504 : 502);
    expect(recorded.notes).toEqual({ upstreamFailure: note });
  });

  test("the client leaves before the answer", async () => {
    const { promise: upstreamClosed, resolve } = Promise.withResolvers<void>();
    const bench = await startBench({ peer: (message) => void message.resume().socket.once("close", resolve) });
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("GET /b/k HTTP/1.1"));
    await once(bench.upstream, "request");
    connection.socket.destroy();
    await upstreamClosed;
    const recorded = await oneRecord(bench);
    expect(recorded).toMatchObject({ response: undefined, error: undefined, notes: { clientDisconnected: true } });
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
    const late = Promise.withResolvers<void>();
    const body = new Readable({ read: () => {} });
    const bench = await startBench({
      endpoint: {
        send: async () => {
          await late.promise;
          return { status: 200, headers: [], body };
        },
        close: async () => {},
      },
    });
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("GET /b/k HTTP/1.1"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    connection.socket.destroy();
    await oneRecord(bench);
    late.resolve();
    await once(body, "close");
    expect(body.destroyed).toBe(true);
  });
});

describe("what is not HTTP", () => {
  test.each([
    ["two lengths of a body", s3Head("PUT /b/k HTTP/1.1", "Content-Length: 4", "Transfer-Encoding: chunked") + "0\r\n\r\n", 400],
    ["two different Content-Length", s3Head("PUT /b/k HTTP/1.1", "Content-Length: 4", "Content-Length: 5") + "body!", 400],
    ["an obfuscated Transfer-Encoding", s3Head("PUT /b/k HTTP/1.1", "Transfer-Encoding: xchunked") + "0\r\n\r\n", 400],
    ["a line folded", s3Head("GET /b/k HTTP/1.1", "X-A: b", " c"), 400],
    ["two hosts", s3Head("GET /b/k HTTP/1.1", "Host: y"), 400],
    ["no path", s3Head("OPTIONS * HTTP/1.1"), 400],
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

  test("behind a call that waits, closes the connection and says nothing", async () => {
    const bench = await startBench({ peer: (message) => void message.resume() });
    const connection = new RawConnection(bench.port);
    connection.send(s3Head("GET /b/k HTTP/1.1"));
    await once(bench.upstream, "request");
    connection.send("garbage\r\n\r\n");
    expect(await connection.closed()).toBe("");
    expect((await oneRecord(bench)).notes).toEqual({ clientDisconnected: true });
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
