import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { closeDialled, dial, TestHost, turns } from "./downstream.test-support.ts";
import { OwnPathServer, type OwnPathHandler } from "./own-path-server.ts";

afterEach(closeDialled);

function hostOf(handler: OwnPathHandler): TestHost {
  const server = new OwnPathServer();
  return new TestHost((request) => server.answer(request, handler));
}

const echo: OwnPathHandler = (message, response) => {
  message.resume();
  response.end(`${message.method} ${message.url} ${message.rawHeaders.join("|")} from ${message.socket.remoteAddress}`);
};

const HEAD = "Host: x\r\n\r\n";

test("requests are answered in turn over one connection", async () => {
  const { client, heard } = await dial(hostOf(echo));
  client.write(`GET /a?b HTTP/1.1\r\nX-A: \xe4\r\n${HEAD}GET /c HTTP/1.1\r\n${HEAD}`, "latin1");
  const text = await heard.until(/GET \/c [^]*127\.0\.0\.1$/);
  expect(text).toMatch(/GET \/a\?b X-A\|\xc3\xa4\|Host\|x from 127\.0\.0\.1HTTP\/1\.1 200 OK\r\n/);
  expect(text.match(/Connection: keep-alive/g)).toHaveLength(2);
});

test.each([
  ["of known length", "Content-Length: 6", "hello!"],
  ["in chunks", "Transfer-Encoding: chunked", "6\r\nhello!\r\n0\r\n\r\n"],
  ["that is large", "Content-Length: 200000", "x".repeat(200_000)],
])("a body %s passes unread", async (_name, line, body) => {
  const { client, heard } = await dial(hostOf(echo));
  client.write(`POST /a HTTP/1.1\r\n${line}\r\n${HEAD}${body}GET /c HTTP/1.1\r\n${HEAD}`);
  const text = await heard.until(/GET \/c [^]*127\.0\.0\.1$/);
  expect(text).toMatch(/POST \/a Host\|x from/);
});

test("a body that is announced only is not waited for", async () => {
  const { client, heard } = await dial(hostOf(echo));
  client.write(`POST /a HTTP/1.1\r\nContent-Length: 6\r\nExpect: 100-continue\r\n${HEAD}`);
  expect(await heard.end()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*POST \/a Host\|x from/);
});

test.each([
  ["Connection: close", `GET /a HTTP/1.1\r\nConnection: close\r\n${HEAD}`],
  ["HTTP/1.0", "GET /a HTTP/1.0\r\n\r\n"],
  ["HTTP/1.0 that would be kept", "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"],
])("%s: the answer ends the connection", async (_name, bytes) => {
  const { client, heard } = await dial(hostOf(echo));
  client.write(`${bytes}GET /b HTTP/1.1\r\n${HEAD}`);
  const text = await heard.end();
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*GET \/a /);
  expect(text).not.toContain("/b");
});

test("a handler may end the connection", async () => {
  const { client, heard } = await dial(
    hostOf((_message, response) => response.writeHead(200, { Connection: "close" }).end("last")),
  );
  client.write(`GET /a HTTP/1.1\r\n${HEAD}`);
  expect(await heard.end()).toMatch(/Connection: close\r\n[^]*\r\n4\r\nlast\r\n0\r\n\r\n$/);
});

test("behind a call that waits, a client that has closed its half gets all its answers", async () => {
  const own = new OwnPathServer();
  const host = new TestHost(async (request) => {
    if (request.head.target !== "/call") return own.answer(request, echo);
    if (!request.socket.readableEnded) await once(request.socket, "end");
    return host.take(request);
  });
  const { client, heard } = await dial(host);
  client.end(`GET /call HTTP/1.1\r\n${HEAD}GET /b HTTP/1.1\r\n${HEAD}GET /c HTTP/1.1\r\n${HEAD}`);
  expect(await heard.end()).toMatch(/1 GET \/call [^]*GET \/b [^]*GET \/c /);
});

test("HEAD has no body, and what follows is understood", async () => {
  const { client, heard } = await dial(hostOf(echo));
  client.write(`HEAD /a HTTP/1.1\r\n${HEAD}GET /c HTTP/1.1\r\n${HEAD}`);
  expect(await heard.until(/127\.0\.0\.1$/)).toMatch(
    /^HTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)+\r\nHTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)+\r\nGET \/c /,
  );
});

test("an upgrade is not taken up", async () => {
  const { client, heard } = await dial(hostOf(echo));
  client.write(`GET /a HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${HEAD}GET /c HTTP/1.1\r\n${HEAD}`);
  expect(await heard.until(/GET \/c [^]*127\.0\.0\.1$/)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

test("a method that Node does not know ends the connection", async () => {
  const host = hostOf(echo);
  const { client, heard } = await dial(host);
  client.write(`NONE /a HTTP/1.1\r\n${HEAD}`);
  await heard.end();
  await expect.poll(() => host.closedCount).toBe(1);
});

describe("a stream", () => {
  const started = async (bytes: string) => {
    const { promise, resolve } = Promise.withResolvers<ServerResponse>();
    const host = hostOf((message, response) => {
      message.socket.once("end", () => response.destroy());
      response.writeHead(200);
      response.write("first");
      resolve(response);
    });
    const dialled = await dial(host);
    dialled.client.write(bytes);
    const response = await promise;
    await dialled.heard.until(/first/);
    return { ...dialled, host, response };
  };
  const GET = `GET /tail HTTP/1.1\r\n${HEAD}`;

  test("is sent as it comes", async () => {
    const { response, heard } = await started(GET);
    response.write("second");
    await heard.until(/second/);
    response.end();
    await heard.until(/6\r\nsecond\r\n0\r\n\r\n$/);
  });

  test.each<[string, string, "end" | "destroy" | "resetAndDestroy"]>([
    ["leaves", GET, "destroy"],
    ["resets", GET, "resetAndDestroy"],
    ["closes its half", GET, "end"],
    ["closes its half behind a body", `POST /tail HTTP/1.1\r\nContent-Length: 100000\r\n${HEAD}${"x".repeat(100_000)}`, "end"],
    [
      "leaves behind a body without end",
      `POST /tail HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${HEAD}${`ffff\r\n${"x".repeat(65535)}\r\n`.repeat(9)}`,
      "destroy",
    ],
  ])("ends when its client %s", async (_name, bytes, how) => {
    const { response, client, server, host } = await started(bytes);
    const closed = once(response, "close");
    client[how]();
    await closed;
    await expect.poll(() => [server.destroyed, host.closedCount]).toEqual([true, 1]);
    expect(server.listenerCount("end")).toBeLessThan(3);
  });

  test("that was half closed before it began ends at once", async () => {
    let turn = 0;
    const own = new OwnPathServer();
    const host = new TestHost(async (request) => {
      if ((turn += 1) === 1) {
        await once(request.socket, "end");
        return host.take(request);
      }
      await own.answer(request, (message, response) => {
        message.socket.once("end", () => response.destroy());
        response.writeHead(200);
        response.write("first");
      });
    });
    const { client, server } = await dial(host);
    client.end(`GET /a HTTP/1.1\r\n${HEAD}${GET}`);
    await expect.poll(() => server.destroyed).toBe(true);
    expect(turn).toBe(2);
  });

  test("waits for a client that does not read", async () => {
    const { response, client, server } = await started(GET);
    client.pause();
    let written = 0;
    while (response.write("x".repeat(64 * 1024)) || (await turns(3), !response.writableNeedDrain)) written += 1;
    expect(written).toBeLessThan(1000);
    await turns(10);
    expect(server.writableLength).toBeLessThan(1_000_000);
    const drained = once(response, "drain");
    client.resume();
    await drained;
  });

  test("that its handler breaks off is cut", async () => {
    const { response, heard } = await started(GET);
    response.destroy();
    expect(await heard.end()).toMatch(/5\r\nfirst\r\n$/);
  });
});

test("leaves no listeners behind", async () => {
  const { client, server, heard } = await dial(hostOf(echo));
  const counts = (): number[] => server.eventNames().map((name) => server.listenerCount(name));
  const answers = (): number => heard.text.split("HTTP/1.1 200").length - 1;
  client.write(`GET /a HTTP/1.1\r\n${HEAD}`);
  await expect.poll(answers).toBe(1);
  await turns(5);
  const before = counts();
  for (let i = 2; i < 20; i += 1) {
    client.write(`GET /a HTTP/1.1\r\n${HEAD}`);
    await expect.poll(answers, { interval: 2 }).toBe(i);
  }
  await turns(5);
  expect(counts()).toEqual(before);
});
