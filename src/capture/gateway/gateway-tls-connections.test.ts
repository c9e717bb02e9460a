import { once } from "node:events";
import { connect as connectPlain, createServer, type AddressInfo, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { Listener } from "./downstream/downstream.test-support.ts";
import { type Bench, type BenchOptions, closeBenches, oneRecord, s3Head, startBench } from "./gateway-bench.test-support.ts";
import { selfSigned } from "./self-signed.test-support.ts";

const { certificate, key } = selfSigned();

afterEach(closeBenches);

const start = (options: BenchOptions = {}): Promise<Bench> => startBench({ tls: { certificate, key }, ...options });

async function dial({ port }: Bench, servername = "localhost"): Promise<[TLSSocket, Listener]> {
  // Whose certificate it is, gateway-tls.test.ts asks.
  const options = { host: "127.0.0.1", port, servername, allowHalfOpen: true, rejectUnauthorized: false };
  const socket = connect(options);
  const heard = new Listener(socket);
  await once(socket, "secureConnect");
  return [socket, heard];
}

test("requests one after the other, the last of a client that closes its half", async () => {
  const bench = await start({
    peer: (message, response) => void message.resume().on("end", () => setTimeout(() => response.end(message.url), 20)),
  });
  const [socket, heard] = await dial(bench);
  socket.end(s3Head("GET /b/1 HTTP/1.1") + s3Head("GET /b/2 HTTP/1.1"));
  expect(await heard.end()).toMatch(/\/b\/1HTTP\/1\.1 200 OK[^]*\/b\/2$/);
  await bench.metrics.idle(2);
});

test("a large body there and back", async () => {
  const bench = await start({ peer: (message, response) => void message.pipe(response) });
  const [socket, heard] = await dial(bench);
  const body = Buffer.alloc(3_000_000, "abcdefghi");
  socket.write(s3Head("PUT /b/k HTTP/1.1", "Connection: close", `Content-Length: ${body.length}`));
  socket.write(body);
  const answer = await heard.end();
  expect(answer.slice(-5)).toBe("0\r\n\r\n");
  expect(answer.length).toBeGreaterThan(body.length);
  socket.destroy();
  expect((await oneRecord(bench)).request.bodyBytes).toBe(body.length);
});

test("a name that is not the certificate's is served all the same", async () => {
  const bench = await start();
  const [socket, heard] = await dial(bench, "s3.eu-west-1.amazonaws.com");
  socket.end(s3Head("GET /b/k HTTP/1.1"));
  expect(await heard.end()).toMatch(/ok$/);
});

test("plain HTTP is counted, and closed", async () => {
  const bench = await start();
  const socket = connectPlain(bench.port, "127.0.0.1");
  const heard = new Listener(socket);
  socket.write(s3Head("GET /b/k HTTP/1.1"));
  await heard.end();
  await expect.poll(() => bench.metrics.counts.get("malformed")).toBe(1);
});

test("a handshake that never ends is given up", async () => {
  const bench = await start({ limits: { headTimeout: 100 } });
  const silent = new Listener(connectPlain(bench.port, "127.0.0.1"));
  await silent.end();
  expect(bench.metrics.counts.get("malformed")).toBe(1);
});

test("a head that does not come to its end is answered", async () => {
  const bench = await start({ limits: { headTimeout: 300 } });
  const [socket, heard] = await dial(bench);
  socket.write("GET / HT");
  expect(await heard.end()).toMatch(/^HTTP\/1\.1 408 /);
  socket.destroy();
});

test("close does not wait for a handshake", async () => {
  const bench = await start();
  const socket = connectPlain(bench.port, "127.0.0.1");
  const heard = new Listener(socket);
  await once(socket, "connect");
  await new Promise((later) => setTimeout(later, 50));
  await bench.gateway.close();
  await heard.end();
});

test("close ends idle connections, and gives the answer that is due", async () => {
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
  const bench = await start({
    peer: (message, response) => void mayAnswer.then(() => message.resume().on("end", () => response.end("late"))),
  });
  const [, idle] = await dial(bench);
  const [socket, heard] = await dial(bench);
  socket.write(s3Head("GET /b/k HTTP/1.1"));
  await once(bench.upstream, "request");
  const closed = bench.gateway.close();
  await idle.end();
  answer();
  expect(await heard.end()).toMatch(/\r\nConnection: close\r\n[^]*late$/);
  await closed;
});

test("a client that goes in the middle of its call is noticed", async () => {
  const bench = await start({ peer: (message) => void message.resume(), limits: { halfClosedTimeout: 100 } });
  const [socket] = await dial(bench);
  socket.write(s3Head("GET /b/k HTTP/1.1"));
  await once(bench.upstream, "request");
  socket.destroy();
  expect((await oneRecord(bench)).notes).toEqual({ clientDisconnected: true });
});

test("a connection that somebody else has accepted", async () => {
  const bench = await start();
  const accepting = createServer({ pauseOnConnect: true }, (socket: Socket) => bench.gateway.adopt(socket));
  accepting.listen(0, "127.0.0.1");
  await once(accepting, "listening");
  const [socket, heard] = await dial({ ...bench, port: (accepting.address() as AddressInfo).port });
  socket.end(s3Head("GET /b/k HTTP/1.1"));
  expect(await heard.end()).toMatch(/ok$/);
  accepting.close();
});
