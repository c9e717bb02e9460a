import { once } from "node:events";
import { createServer, type IncomingMessage, request, type RequestOptions, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { entryOf } from "../../readers/history/history.test-support.ts";
import { createTail } from "../../readers/tail/tail.ts";
import { answerJson, BadQuery, type OwnPath } from "./own-path.ts";
import { createOwnPaths } from "./own-paths.ts";
import { tail } from "./tail.ts";

const logger = pino({ level: "silent" });
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

function path(name: string, answer: OwnPath["answer"]): OwnPath {
  return { path: name, description: name, audience: "everyone", answer };
}

const echo = path("echo", ({ query }, response) => answerJson(response, 200, [...query]));

async function serve(paths: readonly OwnPath[]): Promise<(options: RequestOptions) => Promise<[status: number, body: string]>> {
  const ownPaths = createOwnPaths({ paths, hostNames: ["trail.example"], logger });
  const server = createServer((message, response) => ownPaths(message, response, () => Promise.reject(new Error("nobody asks"))));
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return async (options) => {
    const outgoing = request({ host: "127.0.0.1", port, agent: false, ...options }).end();
    const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    return [answer.statusCode ?? 0, Buffer.concat(chunks).toString()];
  };
}

test.each([
  ["/_opentrail/echo", 200, "[]"],
  ["/_opentrail/echo?a=1&a=%20", 200, '[["a","1"],["a"," "]]'],
  ["http://elsewhere.example/_opentrail/echo?a", 200, '[["a",""]]'],
  ["http://no:99999999/_opentrail/echo", 200, "[]"],
  ["http://[no/_opentrail/echo", 200, "[]"],
  ["/_opentrail/other", 404, "There is no /_opentrail/other"],
  ["/_opentrail", 404, "There is no /_opentrail;"],
])("%s: %i", async (target, status, body) => {
  const ask = await serve([echo]);
  const [answered, text] = await ask({ path: target });
  expect(answered).toBe(status);
  expect(text).toContain(body);
});

test.each([
  ["localhost:4580", 200],
  ["[::1]:4580", 200],
  ["trail.example", 200],
  ["rebound.example", 403],
])("a Host of %s: %i", async (host, status) => {
  const ask = await serve([echo]);
  expect((await ask({ path: "/_opentrail/echo", headers: { host } }))[0]).toBe(status);
});

test("what a path throws is told when it is the caller's, and hidden when it is ours", async () => {
  const ask = await serve([
    path("theirs", () => {
      throw new BadQuery("no such colour");
    }),
    path("ours", async () => {
      throw new Error("a secret");
    }),
  ]);
  expect(await ask({ path: "/_opentrail/theirs" })).toEqual([400, '{"message":"no such colour"}\n']);
  const [status, text] = await ask({ path: "/_opentrail/ours" });
  expect([status, text]).toEqual([500, expect.not.stringContaining("secret")]);
});

test("HEAD of the tail ends, and watches nothing", async () => {
  const source = createTail({ position: 0, logger });
  const ask = await serve([tail(source)]);
  expect(await ask({ path: "/_opentrail/tail", method: "HEAD" })).toEqual([200, ""]);
  expect(source.subscribers).toBe(0);
});

test("a watcher that takes nothing loses its place, one that reads keeps it", async () => {
  const source = createTail({ position: 0, logger });
  const ask = await serve([{ ...tail(source, 1_500), audience: "everyone" }]);
  await ask({ path: "/_opentrail/tail", method: "HEAD" });
  const { port } = servers.at(-1)!.address() as AddressInfo;
  const watch = async (): Promise<Socket> => {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    socket.write("GET /_opentrail/tail HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(socket, "data");
    return socket;
  };
  const deaf = await watch();
  deaf.pause();
  const attentive = (await watch()).resume();
  expect(source.subscribers).toBe(2);
  const large = "x".repeat(200_000);
  for (let position = 1; source.subscribers === 2; position += 1) {
    await source.read([entryOf(position, {}, large)]);
    await new Promise((later) => setTimeout(later, 5));
  }
  expect(source.subscribers).toBe(1);
  expect([deaf.destroyed, attentive.destroyed]).toEqual([false, false]);
  attentive.destroy();
  await expect.poll(() => source.subscribers).toBe(0);
  deaf.destroy();
});
