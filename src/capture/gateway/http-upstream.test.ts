import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Readable } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { loadCatalogue } from "../../aws/catalogue/catalogue.ts";
import { EndpointFailure, type Endpoint, type EndpointRequest, type EndpointResponse } from "../../aws/endpoint.ts";
import { createHttpUpstream, type HttpUpstreamOptions } from "./http-upstream.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

interface Peer {
  readonly upstream: Endpoint;
  readonly server: Server;
  /** Every connection so far, and what has come over it. */
  readonly connections: { readonly socket: Socket; text: string }[];
}

/** An upstream that is spoken for by hand: `answer` is called whenever octets have come. */
async function peer(
  answer: (socket: Socket, text: string, connection: number) => void,
  options: Partial<HttpUpstreamOptions> = {},
): Promise<Peer> {
  const connections: Peer["connections"] = [];
  const server = createServer((socket) => {
    const connection = { socket, text: "" };
    const number = connections.push(connection);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      connection.text += chunk.toString("latin1");
      answer(socket, connection.text, number);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const upstream = createHttpUpstream({ url, ...options });
  open.push(() => {
    for (const { socket } of connections) socket.destroy();
    server.close();
  });
  return { upstream, server, connections };
}

function request(overrides: Partial<EndpointRequest> = {}): EndpointRequest {
  return {
    method: "GET",
    target: "/",
    headers: ["Host", "client.example"],
    body: undefined,
    signal: new AbortController().signal,
    context: {} as EndpointRequest["context"],
    ...overrides,
  };
}

async function textOf({ body }: EndpointResponse): Promise<string> {
  if (body === undefined) return "";
  return body instanceof Uint8Array ? Buffer.from(body).toString() : Buffer.concat(await body.toArray()).toString();
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const requests = (text: string): number => text.split("\r\n\r\n").length - 1;

describe("connections", () => {
  test("one carries one call after the other", async () => {
    const { upstream, connections } = await peer((socket) => socket.write(ok));
    for (let n = 0; n < 3; n += 1) expect(await textOf(await upstream.send(request()))).toBe("ok");
    expect(connections.map(({ text }) => requests(text))).toEqual([3]);
  });

  test("calls beyond their number wait for the next that is free, those that are given up do not", async () => {
    const waiting: Socket[] = [];
    const { upstream, connections } = await peer((socket) => void waiting.push(socket), { connections: 1 });
    const first = upstream.send(request());
    const gone = new AbortController();
    const second = upstream.send(request({ signal: gone.signal }));
    const third = upstream.send(request({ target: "/third" }));
    await expect.poll(() => waiting.length).toBe(1);
    gone.abort();
    await expect(second).rejects.toMatchObject({ reason: "aborted" });
    waiting[0]?.write(ok);
    expect(await textOf(await first)).toBe("ok");
    await expect.poll(() => connections[0]?.text).toMatch(/GET \/third /);
    waiting[0]?.write(ok);
    expect(await textOf(await third)).toBe("ok");
    expect(connections).toHaveLength(1);
  });

  test.each([
    ["closes", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"],
    ["says more than was asked", `${ok}HTTP/1.1 200 OK\r\n\r\n`],
    ["keeps no time", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok"],
  ])("one whose upstream %s is not used again", async (_name, answer) => {
    const { upstream, connections } = await peer((socket) => socket.write(answer));
    for (let n = 0; n < 2; n += 1) expect(await textOf(await upstream.send(request()))).toBe("ok");
    expect(connections.map(({ text }) => requests(text))).toEqual([1, 1]);
  });

  test("octets on an idle one close it: they would be taken for the next answer", async () => {
    const { upstream, connections } = await peer((socket) => socket.write(ok));
    await upstream.send(request());
    const socket = connections[0]?.socket;
    const closed = once(socket as Socket, "close");
    socket?.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong");
    await closed;
    expect(await textOf(await upstream.send(request()))).toBe("ok");
    expect(connections).toHaveLength(2);
  });

  test("a request on a used one that closes unanswered fails, and is not sent again", async () => {
    const { upstream, connections } = await peer((socket, text) => {
      if (requests(text) === 1) socket.write(ok);
      else socket.destroy();
    });
    await upstream.send(request());
    await expect(upstream.send(request({ method: "POST", target: "/once" }))).rejects.toMatchObject({ reason: "cut-off" });
    expect(connections.map(({ text }) => text.match(/POST \/once/g)?.length ?? 0)).toEqual([1]);
  });

  test.each([
    ["which answers", true],
    ["which closes too", false],
  ])("a read is sent once more where that happens, over another one, %s", async (_name, answers) => {
    const operation = loadCatalogue().service("lambda")?.operation("GetFunction");
    const context = { operation, serviceId: "lambda", operationName: "GetFunction" } as EndpointRequest["context"];
    const { upstream, connections } = await peer((socket, text, number) => {
      if (number === 1 ? requests(text) === 1 : answers) socket.write(ok);
      else socket.destroy();
    });
    await upstream.send(request({ context }));
    const read = upstream.send(request({ context }));
    if (answers) expect(await textOf(await read)).toBe("ok");
    else await expect(read).rejects.toMatchObject({ reason: "cut-off" });
    expect(connections.map(({ text }) => requests(text))).toEqual([2, 1]);
  });

  test("a kept one is not closed for its age while it carries a call", async () => {
    const { upstream, connections } = await peer(
      (socket, text) =>
        void (requests(text) === 1 && socket.write("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 0\r\n\r\n")),
      { connectTimeout: 400 },
    );
    await upstream.send(request());
    const late = upstream.send(request());
    setTimeout(() => connections[0]?.socket.write(ok), 1300);
    expect(await textOf(await late)).toBe("ok");
  });

  test("an answer before the request's end is taken, its connection left", async () => {
    const { upstream, connections } = await peer((socket) => socket.write(ok));
    const body = new Readable({ read() {} });
    body.push("abc");
    const headers = ["Host", "x", "Content-Length", "10"];
    expect(await textOf(await upstream.send(request({ method: "PUT", headers, body })))).toBe("ok");
    expect(await textOf(await upstream.send(request()))).toBe("ok");
    expect(connections).toHaveLength(2);
  });

  test("closing waits for the calls in progress and takes no more", async () => {
    const { upstream, connections } = await peer(() => {});
    const asked = upstream.send(request());
    await expect.poll(() => connections[0]?.text).toBeTruthy();
    const closed = upstream.close();
    await expect(upstream.send(request())).rejects.toMatchObject({ reason: "unreachable" });
    connections[0]?.socket.write(ok);
    expect(await textOf(await asked)).toBe("ok");
    await closed;
  });
});

describe("requests", () => {
  test("go out as they came, but for the lines about the connection", async () => {
    const { upstream, connections } = await peer((socket) => socket.write(ok));
    const headers = ["Host", "client.example", "X-b", "\u00e4 \t1", "Expect", "100-continue", "x-B", "2", "CONTENT-length", "3"];
    await upstream.send(request({ method: "POST", target: "/a%2fb?c=%20", headers, body: Buffer.from("abc") }));
    expect(connections[0]?.text).toBe(
      "POST /a%2fb?c=%20 HTTP/1.1\r\nHost: client.example\r\nX-b: \u00e4 \t1\r\nx-B: 2\r\nCONTENT-length: 3\r\nConnection: keep-alive\r\n\r\nabc",
    );
  });

  test("without a length they are chunked", async () => {
    const { upstream, connections } = await peer((socket, text) => void (text.endsWith("0\r\n\r\n") && socket.write(ok)));
    await upstream.send(request({ method: "PUT", body: Readable.from([Buffer.from("hello"), Buffer.from("x".repeat(16))]) }));
    expect(connections[0]?.text).toMatch(/\r\nTransfer-Encoding: chunked\r\n.*\r\n\r\n5\r\nhello\r\n10\r\nx{16}\r\n0\r\n\r\n$/s);
  });

  test.each([
    ["a line break in a value", { headers: ["X", "a\r\nHost: evil"] }],
    ["a line break in a name", { headers: ["X: a\r\nY", "b"] }],
    ["a character beyond an octet", { headers: ["X", "\u0100"] }],
    ["a space in the target", { target: "/a b" }],
    ["a line break in the target", { target: "/a\r\nX: y" }],
    ["two lengths", { headers: ["Content-Length", "3", "content-length", "3"], body: Buffer.from("abc") }],
    ["another length than the body's", { headers: ["Content-Length", "4"], body: Buffer.from("abc") }],
  ] satisfies [string, Partial<EndpointRequest>][])("%s does not go out", async (_name, overrides) => {
    const { upstream, connections } = await peer((socket) => socket.write(ok));
    await expect(upstream.send(request(overrides))).rejects.toBeInstanceOf(EndpointFailure);
    expect(connections).toHaveLength(0);
  });

  test.each([
    ["shorter", ["ab"]],
    ["longer", ["abc", "d"]],
  ])("a body that is %s than announced ends the connection", async (_name, pieces) => {
    const { upstream, connections } = await peer(() => {});
    const headers = ["Host", "x", "Content-Length", "3"];
    const body = Readable.from(pieces.map((text) => Buffer.from(text)));
    await expect(upstream.send(request({ method: "PUT", headers, body }))).rejects.toMatchObject({ reason: "cut-off" });
    await expect.poll(() => connections[0]?.socket.destroyed ?? true).toBe(true);
    expect(connections[0]?.text ?? "").not.toMatch(/abcd/);
  });
});

describe("answers", () => {
  test("short ones come whole, long ones as they come", async () => {
    const long = "x".repeat(300_000);
    const { upstream } = await peer((socket, text) => {
      const body = text.includes("GET /long") ? long : "short";
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    const short = await upstream.send(request());
    expect(short.body).toBeInstanceOf(Uint8Array);
    const flowing = await upstream.send(request({ target: "/long" }));
    expect(flowing.body).toBeInstanceOf(Readable);
    expect(await textOf(flowing)).toBe(long);
  });

  test("one that nobody reads is not read from the upstream either, and dropping it closes the connection", async () => {
    let sent = 0;
    const { upstream, connections } = await peer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      const piece = `10000\r\n${"x".repeat(65_536)}\r\n`;
      const more = (): void => {
        while (!socket.destroyed && socket.write(piece)) sent += 1;
      };
      socket.on("drain", more);
      more();
    });
    const { body } = await upstream.send(request());
    let before = -1;
    // Until nothing more fits into what lies between.
    await expect.poll(() => before === (before = sent), { interval: 50 }).toBe(true);
    expect(sent * 65_536).toBeLessThan(64 * 1024 * 1024);
    (body as Readable).destroy();
    await expect.poll(() => connections[0]?.socket.destroyed).toBe(true);
  });

  test("patience ends between the pieces of one", async () => {
    const { upstream } = await peer((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\nabc"), {
      bodyTimeout: 100,
    });
    const { body } = await upstream.send(request());
    await expect((body as Readable).toArray()).rejects.toMatchObject({ reason: "timeout" });
  });

  test("a connection that does not come about says so in time", async () => {
    // Of a network for documentation: nobody answers there, or a router says that nobody does.
    const upstream = createHttpUpstream({ url: "http://192.0.2.1:9", connectTimeout: 100 });
    await expect(upstream.send(request())).rejects.toMatchObject({ reason: "unreachable" });
  });
});
