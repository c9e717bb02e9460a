import { createHash } from "node:crypto";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { LONG, request, s3Request, signedFor } from "./support/aws-request.ts";
import { type Message, MessageReader, methodOf, statusOf } from "./support/message-reader.ts";
import { residentMegabytes, watchMemory } from "./support/process-facts.ts";
import { RawConnection } from "./support/raw-connection.ts";
import { settled } from "./support/settled.ts";

const SIZE = LONG ? 5_000_000_000 : 512_000_000;
const PIECE = Buffer.alloc(256 * 1024, "0123456789abcdef");
/** Megabytes that one body may add, its size be what it may. */
const ROOM = 250;

let trail: OpenTrailProcess | undefined;
let server: Server | undefined;
const sockets = new Set<Socket>();

afterEach(async () => {
  await trail?.remove();
  for (const socket of sockets) socket.destroy();
  server?.close();
  server = undefined;
});

interface Bulk {
  received: number;
  readonly url: string;
  /** While true, nothing is read. */
  pause(paused: boolean): void;
}

/** An upstream that swallows bodies, and answers GET with one of `SIZE` octets. */
async function startBulk(): Promise<Bulk> {
  const bulk = {
    received: 0,
    url: "",
    pause: (paused: boolean): void => sockets.forEach((socket) => void (paused ? socket.pause() : socket.resume())),
  };
  server = createServer((socket) => {
    sockets.add(socket);
    const reader = new MessageReader({
      of: "requests",
      keep: 0,
      onMessage: (message) => {
        if (methodOf(message) !== "GET")
          return void socket.write("HTTP/1.1 200 OK\r\nx-amz-request-id: up\r\nContent-Length: 0\r\n\r\n");
        socket.write(`HTTP/1.1 200 OK\r\nx-amz-request-id: down\r\nContent-Length: ${SIZE}\r\n\r\n`);
        void pour(socket, SIZE);
      },
    });
    socket.on("data", (chunk: Buffer) => {
      bulk.received += chunk.length;
      reader.push(chunk);
    });
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
  bulk.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return bulk;
}

/** Writes so many octets, no faster than they are taken. */
async function pour(socket: Socket, octets: number, framed: (piece: Buffer) => Buffer = (piece) => piece): Promise<void> {
  let wake = (): void => {};
  const onReady = (): void => wake();
  socket.on("drain", onReady).on("close", onReady);
  for (let left = octets; left > 0 && !socket.destroyed;) {
    const piece = PIECE.subarray(0, Math.min(left, PIECE.length));
    left -= piece.length;
    if (!socket.write(framed(piece))) await new Promise<void>((ready) => (wake = ready));
  }
  socket.off("drain", onReady).off("close", onReady);
}

const asChunk =
  (extension: string) =>
  (piece: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`${piece.length.toString(16)}${extension}\r\n`), piece, Buffer.from("\r\n")]);
const SIGNED = `;chunk-signature=${"0".repeat(64)}`;
const chunkedLength = (extension: string): number => {
  const whole = Math.floor(SIZE / PIECE.length);
  const rest = SIZE - whole * PIECE.length;
  const around = (size: number): number => size.toString(16).length + extension.length + 4 + size;
  return whole * around(PIECE.length) + (rest > 0 ? around(rest) : 0) + `0${extension}\r\n\r\n`.length;
};

const UPLOADS: readonly (readonly [name: string, fields: readonly string[], framing: string | undefined])[] = [
  ["with its length", [`Content-Length: ${SIZE}`], undefined],
  ["in chunks", ["Transfer-Encoding: chunked"], ""],
  [
    "in aws-chunked, signed",
    [
      "Content-Encoding: aws-chunked",
      "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
      `x-amz-decoded-content-length: ${SIZE}`,
      `Content-Length: ${chunkedLength(SIGNED)}`,
    ],
    SIGNED,
  ],
];

function expectRoom(most: number, before: number): void {
  process.stdout.write(`${before.toFixed(0)} MB before, ${most.toFixed(0)} MB at most\n`);
  expect(most - before).toBeLessThan(ROOM);
}

describe(`${SIZE / 1e6} MB`, () => {
  test.each(UPLOADS)("up, %s", async (_name, fields, framing) => {
    const bulk = await startBulk();
    trail = await startOpenTrail({ flags: ["--upstream", bulk.url, "--history-data-events", "--log-level", "error"] });
    const before = residentMegabytes(trail.pid);
    const memory = watchMemory(trail.pid);
    const connection = new RawConnection(trail.url);
    connection.send(s3Request("PUT /bucket/large HTTP/1.1", fields));
    const upload = async (): Promise<void> => {
      await pour(connection.socket, SIZE, framing === undefined ? undefined : asChunk(framing));
      if (framing !== undefined) connection.send(`0${framing}\r\n\r\n`);
    };
    const poured = upload();
    // In the middle of it the upstream stops reading for a while: the client must be held up, not memory.
    while (bulk.received < SIZE / 2) await new Promise((later) => setTimeout(later, 5));
    bulk.pause(true);
    let sent = -1;
    await until(async () => {
      if (connection.socket.bytesWritten === sent) return true;
      sent = connection.socket.bytesWritten;
      await new Promise((later) => setTimeout(later, 1000));
      return undefined;
    }, "the client to be held up");
    expect(sent - bulk.received).toBeLessThan(ROOM * 1e6);
    bulk.pause(false);
    await poured;
    expect(statusOf(await connection.answer(0, 600_000))).toBe(200);
    connection.close();
    expectRoom(memory.stop(), before);
    await settled(trail.url);
    const [record] = await trail.events();
    expect(record?.["additionalEventData"]).toMatchObject({ bytesTransferredIn: expect.any(Number) });
    expect(record?.["additionalEventData"].bytesTransferredIn).toBeGreaterThanOrEqual(SIZE);
  });

  test("down, to a client that dawdles", async () => {
    const bulk = await startBulk();
    trail = await startOpenTrail({ flags: ["--upstream", bulk.url, "--history-data-events", "--log-level", "error"] });
    const before = residentMegabytes(trail.pid);
    const memory = watchMemory(trail.pid);
    const connection = new RawConnection(trail.url, undefined, 0);
    let pauses = 0;
    connection.socket.on("data", () => {
      if (pauses >= 3 || connection.socket.bytesRead < ((pauses + 1) * SIZE) / 5) return;
      pauses += 1;
      connection.socket.pause();
      setTimeout(() => connection.socket.resume(), 700);
    });
    connection.send(s3Request("GET /bucket/large HTTP/1.1"));
    const answer: Message = await connection.answer(0, 600_000);
    connection.close();
    expect([statusOf(answer), answer.bodyBytes, answer.whole, pauses]).toEqual([200, SIZE, true, 3]);
    expectRoom(memory.stop(), before);
    await settled(trail.url);
    const [record] = await trail.events();
    expect(record?.["additionalEventData"]).toMatchObject({ bytesTransferredOut: SIZE });
  });

  test("up to the embedded account and down again", async () => {
    trail = await startOpenTrail({ flags: ["--history-data-events", "--log-level", "error"] });
    const create = new RawConnection(trail.url);
    create.send(s3Request("PUT /bucket HTTP/1.1"));
    expect(statusOf(await create.answer())).toBe(200);
    create.close();
    const before = residentMegabytes(trail.pid);
    const memory = watchMemory(trail.pid);
    const up = new RawConnection(trail.url);
    up.send(s3Request("PUT /bucket/large HTTP/1.1", [`Content-Length: ${SIZE}`]));
    await pour(up.socket, SIZE);
    const put = await up.answer(0, 600_000);
    up.close();
    expect(statusOf(put)).toBe(200);
    const expected = createHash("md5");
    for (let left = SIZE; left > 0; left -= PIECE.length) expected.update(PIECE.subarray(0, Math.min(left, PIECE.length)));
    expect(put.headers.get("etag")).toBe(`"${expected.digest("hex")}"`);
    const down = new RawConnection(trail.url, undefined, 0);
    down.send(request("GET /bucket/large HTTP/1.1", ["Host: localhost", ...signedFor("s3")]));
    const got = await down.answer(0, 600_000);
    down.close();
    expect([statusOf(got), got.bodyBytes, got.whole]).toEqual([200, SIZE, true]);
    expectRoom(memory.stop(), before);
    await settled(trail.url);
  });
});
