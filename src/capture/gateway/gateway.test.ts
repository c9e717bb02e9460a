import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { changedCall } from "../../event/changed-call.ts";
import { call, closeBenches, iamForm, jsonTarget, RawConnection, signed, startBench } from "./gateway-bench.test-support.ts";

afterEach(closeBenches);

describe("a call passes through", () => {
  test("and becomes an ApiCall", async () => {
    const bench = await startBench({
      peer: (message, response) => {
        message.resume().on("end", () => {
          response.setHeader("x-amzn-RequestId", "11111111-2222-3333-4444-555555555555");
          response.end(
            `<CreateUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><CreateUserResult><User>` +
              `<UserName>ada</UserName><UserId>AIDAEXAMPLE</UserId></User></CreateUserResult></CreateUserResponse>`,
          );
        });
      },
    });
    const body = "Action=CreateUser&Version=2010-05-08&UserName=ada";
    const answer = await call(bench.port, { method: "POST", path: "/", headers: { ...iamForm, "user-agent": "test/1" } }, body);
    expect(answer.status).toBe(200);
    expect(bench.recorder.calls).toHaveLength(1);
    const [recorded] = bench.recorder.calls;
    expect(recorded).toMatchObject({
      requestId: "11111111-2222-3333-4444-555555555555",
      serviceId: "iam",
      signingName: "iam",
      operationName: "CreateUser",
      region: "eu-west-1",
      accountId: "111122223333",
      caller: { kind: "unknown", accessKeyId: "AKIDEXAMPLE" },
      sourceIp: "127.0.0.1",
      userAgent: "test/1",
      signature: { version: "SigV4", method: "header" },
      tls: undefined,
      request: { method: "POST", path: "/", bodyBytes: body.length, bodyTruncated: false },
      error: undefined,
    });
    expect(recorded?.input).toEqual({ UserName: "ada" });
    expect(recorded?.output).toMatchObject({ User: { UserName: "ada", UserId: "AIDAEXAMPLE" } });
    expect(Buffer.from(recorded?.request.body ?? []).toString()).toBe(body);
    expect(recorded?.response).toMatchObject({ status: 200, bodyBytes: answer.body.length });
    expect(bench.learned).toEqual([recorded]);
    // A copy of the call keeps what was decoded.
    expect(changedCall(recorded!, { accountId: "" }).input).toEqual({ UserName: "ada" });
  });

  test("with every byte and every line, both ways", async () => {
    const seen: { headers: readonly string[]; body: Buffer; url: string | undefined }[] = [];
    let toAnswer: { status: number; headers: string[]; body: Uint8Array } = { status: 200, headers: [], body: new Uint8Array() };
    const bench = await startBench({
      peer: (message, response) => {
        const chunks: Buffer[] = [];
        message.on("data", (chunk: Buffer) => chunks.push(chunk));
        message.on("end", () => {
          seen.push({ headers: message.rawHeaders, body: Buffer.concat(chunks), url: message.url });
          response.writeHead(toAnswer.status, toAnswer.headers).end(toAnswer.body);
        });
      },
    });
    const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/).map((name) => `X-T-${name}`);
    const value = fc.stringMatching(/^[!-~\u00a1-\u00ff]([ -~\u00a1-\u00ff]{0,30}[!-~\u00a1-\u00ff])?$/);
    const lines = fc.array(fc.tuple(token, value), { maxLength: 12 }).map((pairs) => pairs.flat());
    const path = fc.stringMatching(/^[A-Za-z0-9%.~/&=+-]{0,40}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("PUT", "POST"),
        path,
        lines,
        lines,
        fc.uint8Array({ maxLength: 5000 }),
        fc.uint8Array({ maxLength: 5000 }),
        fc.constantFrom(200, 206, 400, 404, 500),
        async (method, suffix, requestLines, answerLines, requestBody, answerBody, status) => {
          toAnswer = { status, headers: answerLines, body: answerBody };
          seen.length = 0;
          const sent = [
            "Host",
            "example.test",
            ...Object.entries(signed("s3")).flat(),
            ...requestLines,
            "Content-Length",
            String(requestBody.length),
          ];
          const answer = await call(bench.port, { method, path: `/b/${suffix}`, headers: sent as never }, requestBody);
          expect(seen).toHaveLength(1);
          expect(seen[0]?.url).toBe(`/b/${suffix}`);
          expect(Buffer.compare(seen[0]!.body, requestBody)).toBe(0);
          const framing = new Set(["host", "content-length", "connection"]);
          expect(pairsOf(seen[0]!.headers, framing)).toEqual(pairsOf(sent, framing));
          expect(lineOf(seen[0]!.headers, "host")).toBe("example.test");
          expect(answer.status).toBe(status);
          expect(Buffer.compare(answer.body, answerBody)).toBe(0);
          const ours = new Set([
            "connection",
            "keep-alive",
            "date",
            "transfer-encoding",
            "content-length",
            "x-amz-request-id",
            "x-amz-id-2",
          ]);
          expect(pairsOf(answer.rawHeaders, ours)).toEqual(pairsOf(answerLines, ours));
        },
      ),
      { numRuns: 60 },
    );
    expect(new Set(bench.recorder.calls.map(({ eventId }) => eventId)).size).toBe(bench.recorder.calls.length);
  });

  test("HEAD, 204 and ranges", async () => {
    const bench = await startBench({
      peer: (message, response) => {
        if (message.method === "HEAD") response.writeHead(200, { "Content-Length": "12345", ETag: '"e"' }).end();
        else if (message.method === "DELETE") response.writeHead(204).end();
        else response.writeHead(206, { "Content-Range": "bytes 2-4/10", "Content-Length": "3" }).end("cde");
      },
    });
    const head = await call(bench.port, { method: "HEAD", path: "/b/k", headers: signed("s3") });
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, "12345", 0]);
    const gone = await call(bench.port, { method: "DELETE", path: "/b/k", headers: signed("s3") });
    expect([gone.status, gone.body.length]).toEqual([204, 0]);
    const part = await call(bench.port, { path: "/b/k", headers: signed("s3", { range: "bytes=2-4" }) });
    expect([part.status, part.body.toString(), part.headers["content-range"]]).toEqual([206, "cde", "bytes 2-4/10"]);
    expect(bench.recorder.calls.map(({ operationName, response }) => [operationName, response?.bodyBytes])).toEqual([
      ["HeadObject", 0],
      ["DeleteObject", 0],
      ["GetObject", 3],
    ]);
    expect(bench.recorder.calls.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
  });

  test("presigned", async () => {
    const bench = await startBench();
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=K%2F20260302%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=x`;
    expect((await call(bench.port, { path: `/b/k?${query}` })).body.toString()).toBe("ok");
    expect(bench.recorder.calls[0]).toMatchObject({
      operationName: "GetObject",
      signature: { version: "SigV4", method: "query" },
    });
  });

  test.each([
    ["signed", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", ";chunk-signature=0123456789abcdef"],
    ["unsigned", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", ""],
  ])("%s chunks with trailers, untouched on the wire and unframed in the record", async (_name, sha256, extension) => {
    const arrived: Buffer[] = [];
    const bench = await startBench({
      peer: (message, response) => {
        message.on("data", (chunk: Buffer) => arrived.push(chunk));
        message.on("end", () => response.end());
      },
    });
    const xml = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    const chunks = [xml.slice(0, 10), xml.slice(10)]
      .map((part) => `${part.length.toString(16)}${extension}\r\n${part}\r\n`)
      .join("");
    const body = `${chunks}0${extension}\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n`;
    const headers = signed("s3", {
      "x-amz-content-sha256": sha256,
      "content-encoding": "aws-chunked",
      "x-amz-decoded-content-length": String(xml.length),
      "x-amz-trailer": "x-amz-checksum-crc32",
    });
    await call(bench.port, { method: "PUT", path: "/b?tagging", headers }, body);
    expect(Buffer.concat(arrived).toString()).toBe(body);
    const { request } = bench.recorder.calls[0]!;
    expect(Buffer.from(request.body!).toString()).toBe(xml);
    expect(request.bodyBytes).toBe(body.length);
    expect(request.headers.get("x-amz-checksum-crc32")).toBe("AAAAAA==");
    expect(request.headers.get("x-amz-decoded-content-length")).toBe(String(xml.length));

    await call(bench.port, { method: "PUT", path: "/b/k", headers }, body);
    expect(bench.recorder.calls[1]?.request).toMatchObject({ body: undefined, bodyBytes: body.length });
    expect(bench.recorder.calls[1]?.request.headers.get("x-amz-checksum-crc32")).toBe("AAAAAA==");
  });

  test("100 Continue is said when the upstream wants the body, and only then", async () => {
    const { promise: mayRead, resolve: letRead } = Promise.withResolvers<void>();
    const bench = await startBench({
      peer: (message, response) => message.resume().on("end", () => response.end("done")),
      endpoint: {
        async send({ body }) {
          await mayRead;
          const chunks: Uint8Array[] = [];
          for await (const chunk of body ?? []) chunks.push(chunk as Uint8Array);
          return { status: 200, headers: [], body: Buffer.concat(chunks) };
        },
        close: async () => {},
      },
    });
    const connection = new RawConnection(bench.port);
    const auth = signed("s3")["authorization"] ?? "";
    connection.send(
      `PUT /b/k HTTP/1.1\r\nHost: x\r\nAuthorization: ${auth}\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(connection.text).toBe("");
    letRead();
    await connection.until(/^HTTP\/1.1 100 Continue\r\n\r\n$/);
    connection.send("body");
    await connection.until(/HTTP\/1.1 200 OK[\s\S]*\r\n\r\nbody$/);
    connection.socket.destroy();

    const over = await startBench();
    const answer = await call(
      over.port,
      { method: "PUT", path: "/b/k", headers: signed("s3", { expect: "100-continue", "content-length": "4" }) },
      "body",
    );
    expect(answer.body.toString()).toBe("ok");
  });

  test("a refused upload is answered although its body never came", async () => {
    const bench = await startBench({ upstreamOptions: { url: "http://127.0.0.1:1" } });
    const connection = new RawConnection(bench.port);
    connection.send(
      `PUT /b/k HTTP/1.1\r\nHost: x\r\nAuthorization: ${signed("s3")["authorization"] ?? ""}\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n`,
    );
    expect(await connection.until(/<\/Error>$/)).toMatch(/^HTTP\/1.1 503 /);
    expect(bench.recorder.calls).toHaveLength(1);
    connection.socket.destroy();
  });

  test("lines of one hop stay on it", async () => {
    let seen: readonly string[] = [];
    const bench = await startBench({
      peer: (message, response) => {
        seen = message.rawHeaders;
        response.writeHead(200, { Connection: "X-Secret, close", "X-Secret": "1", "X-Kept": "2" }).end();
      },
    });
    const answer = await call(bench.port, {
      path: "/b/k",
      headers: signed("s3", { connection: "x-hop, authorization", "x-hop": "1", te: "trailers", "proxy-authorization": "x" }),
    });
    for (const name of ["x-hop", "te", "proxy-authorization"]) expect(lineOf(seen, name)).toBeUndefined();
    expect(lineOf(seen, "authorization")).toBeDefined();
    expect(answer.headers["x-secret"]).toBeUndefined();
    expect(answer.headers["x-kept"]).toBe("2");
  });

  test("request ids: the service's own, from the body, or made up and handed out", async () => {
    const bench = await startBench({
      peer: (message, response) => {
        if (message.url === "/b/given") response.setHeader("X-Amz-Request-Id", "GIVEN");
        if (message.url?.startsWith("/?Action"))
          response.write("<r><ResponseMetadata><RequestId>in-the-body</RequestId></ResponseMetadata></r>");
        message.resume().on("end", () => response.end());
      },
    });
    const given = await call(bench.port, { path: "/b/given", headers: signed("s3") });
    const made = await call(bench.port, { path: "/b/k", headers: signed("s3") });
    const json = await call(bench.port, { method: "POST", path: "/", headers: jsonTarget("kms", "TrentService.ListKeys") }, "{}");
    const query = await call(bench.port, { path: "/?Action=ListUsers&Version=2010-05-08", headers: signed("iam") });
    expect(given.headers["x-amz-request-id"]).toBe("GIVEN");
    expect(given.headers["x-amz-id-2"]).toMatch(/^[A-Za-z0-9+/]{75}=$/);
    expect(made.headers["x-amz-request-id"]).toMatch(/^[A-Z0-9]{16}$/);
    expect(json.headers["x-amzn-requestid"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(query.headers["x-amzn-requestid"]).toBeUndefined();
    expect(bench.recorder.calls.map(({ requestId }) => requestId)).toEqual([
      "GIVEN",
      made.headers["x-amz-request-id"],
      json.headers["x-amzn-requestid"],
      "in-the-body",
    ]);
    expect(bench.recorder.calls[1]?.response?.headers.get("x-amz-id-2")).toBe(made.headers["x-amz-id-2"]);
  });

  test("the source is the peer's, unless a trusted proxy reports another", async () => {
    const trusting = await startBench({ trustedProxies: ["127.0.0.0/8", "10.1.1.1"] });
    const doubting = await startBench();
    const headers = signed("s3", { "x-forwarded-for": "6.6.6.6, 203.0.113.9, 10.1.1.1" });
    await call(trusting.port, { path: "/b/k", headers });
    await call(doubting.port, { path: "/b/k", headers });
    expect(trusting.recorder.calls[0]?.sourceIp).toBe("203.0.113.9");
    expect(doubting.recorder.calls[0]?.sourceIp).toBe("127.0.0.1");
  });

  test("large bodies flow both ways, no faster than they are taken", async () => {
    const size = 128 * 1024 * 1024;
    const piece = randomBytes(256 * 1024);
    const { promise: mayRead, resolve: letRead } = Promise.withResolvers<void>();
    const upstreamSockets = new Set<Socket>();
    const bench = await startBench({
      peer: (message, response) => {
        upstreamSockets.add(message.socket);
        const hash = createHash("sha256");
        void mayRead.then(() => message.on("data", (chunk: Buffer) => hash.update(chunk)));
        message.on("end", () => {
          response.writeHead(200, { "x-sha": hash.digest("hex"), "content-length": String(size) });
          void pour(response, piece, size);
        });
      },
    });
    const digest = createHash("sha256");
    for (let i = 0; i < size; i += piece.length) digest.update(piece);
    const expected = digest.digest("hex");

    const headers = signed("s3", { "content-length": String(size) });
    const outgoing = request({ host: "127.0.0.1", port: bench.port, method: "PUT", path: "/b/k", agent: false, headers });
    const answered = once(outgoing, "response") as Promise<[IncomingMessage]>;
    const poured = pour(outgoing, piece, size);
    await once(bench.upstream, "request");
    // The upstream does not read yet: what has left the client sits in the system's buffers, and little in the gateway's.
    expect(await settled(() => outgoing.socket?.bytesWritten ?? 0)).toBeLessThan(size / 3);
    letRead();
    await poured;
    const [answer] = await answered;
    expect(answer.headers["x-sha"]).toBe(expected);
    // Now it is the client that does not read.
    const sent = (): number => [...upstreamSockets].reduce((sum, socket) => sum + socket.bytesWritten, 0);
    expect(await settled(sent)).toBeLessThan(size / 3);
    const received = createHash("sha256");
    for await (const chunk of answer) received.update(chunk as Buffer);
    expect(received.digest("hex")).toBe(expected);
    await bench.metrics.idle(1);
    expect(bench.recorder.calls[0]).toMatchObject({
      request: { bodyBytes: size, body: undefined },
      response: { bodyBytes: size, bodyTruncated: true },
    });
  });
});

async function pour(stream: Writable, piece: Uint8Array, size: number): Promise<void> {
  for (let sent = 0; sent < size; sent += piece.length) if (!stream.write(piece)) await once(stream, "drain");
  stream.end();
}

/** The value once it has stopped growing for a while. */
async function settled(read: () => number): Promise<number> {
  for (let before = -1, same = 0; ;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const now = read();
    same = now > 0 && now === before ? same + 1 : 0;
    if (same === 5) return now;
    before = now;
  }
}

function pairsOf(lines: readonly string[], without: ReadonlySet<string>): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    if (!without.has(lines[i]!.toLowerCase())) pairs.push([lines[i]!, lines[i + 1]!]);
  }
  return pairs;
}

function lineOf(lines: readonly string[], lowerName: string): string | undefined {
  const at = lines.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === lowerName);
  return at === -1 ? undefined : lines[at + 1];
}
