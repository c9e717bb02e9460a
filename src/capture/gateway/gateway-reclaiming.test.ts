import { createHash } from "node:crypto";
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { call, closeBenches, jsonTarget, signed, startBench } from "./gateway-bench.test-support.ts";

afterEach(closeBenches);

const MIB = 1024 * 1024;

/** Octets of which no two numbers' have a word in common. */
function octetsOf(number: number, size: number): Buffer {
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let i = 0; i < words.length; i += 1) words[i] = number * 2 ** 20 + i;
  return Buffer.from(words.buffer, 0, size);
}

function digest(octets: Uint8Array): string {
  return createHash("sha1").update(octets).digest("hex");
}

/** Sizes around those at which reads, slabs and streams begin and end. */
const sizeOf = (number: number): number => [64 * 1024 + 1, MIB, 3 * MIB - 7, 300_001, 2 * MIB + 65_536][number % 5] ?? MIB;

type Client = "fast" | "slow" | "leaves";
const clientOf = (number: number): Client => (["fast", "slow", "leaves"] as const)[number % 3] ?? "fast";

/** Reads one answer as such a client does; undefined for one that leaves. */
function read(port: number, options: RequestOptions, client: Client): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host: "127.0.0.1", port, agent: false, ...options }, (message: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let octets = 0;
      message.on("error", client === "leaves" ? () => {} : reject);
      message.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        octets += chunk.length;
        if (client === "leaves" && octets > 200_000) {
          message.destroy();
          resolve(undefined);
        } else if (client === "slow" && octets % 3 === 0) {
          message.pause();
          setTimeout(() => message.resume(), 5);
        }
      });
      message.on("end", () => resolve(client === "leaves" ? undefined : Buffer.concat(chunks)));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

describe("memory that is used again", () => {
  test.each(["with a length", "chunked"])(
    "every client has its own answer's octets, %s",
    async (framing) => {
      const bench = await startBench({
        peer: async (message, response) => {
          message.resume();
          const number = Number(message.url?.split("/").at(-1));
          const octets = octetsOf(number, sizeOf(number));
          if (framing === "with a length") response.setHeader("content-length", octets.length);
          for (let at = 0; at < octets.length;) {
            const next = at + 1 + ((at * 7 + number * 13_331) % 300_000);
            if (!response.write(octets.subarray(at, next))) await setImmediate();
            at = next;
          }
          response.end();
        },
      });
      const wrong: number[] = [];
      let number = 0;
      const reader = async (): Promise<void> => {
        while (number < 90) {
          const mine = (number += 1);
          const body = await read(bench.port, { path: `/bucket/${mine}`, headers: signed("s3") }, clientOf(mine));
          if (body !== undefined && digest(body) !== digest(octetsOf(mine, sizeOf(mine)))) wrong.push(mine);
        }
      };
      await Promise.all(Array.from({ length: 12 }, reader));
      await bench.metrics.idle(90);
      expect(wrong).toEqual([]);
    },
    30_000,
  );

  test("a client that does not read while others do has its own octets in the end", async () => {
    // More than the system takes for a connection.
    const size = 24 * MIB;
    const bench = await startBench({
      peer: (message, response) => {
        message.resume();
        response.end(octetsOf(Number(message.url?.split("/").at(-1)), size));
      },
    });
    const get = (number: number): RequestOptions => ({ path: `/bucket/${number}`, headers: signed("s3") });
    const stalled = [1, 2, 3].map((number) => {
      const { promise: begun, resolve: begin } = Promise.withResolvers<IncomingMessage>();
      httpRequest({ host: "127.0.0.1", port: bench.port, agent: false, ...get(number) }, begin).end();
      return { number, begun };
    });
    const messages = await Promise.all(stalled.map(({ begun }) => begun));
    for (let number = 10; number < 14; number += 1) {
      const body = await read(bench.port, get(number), "fast");
      expect(body && digest(body)).toBe(digest(octetsOf(number, size)));
    }
    for (const [at, message] of messages.entries()) {
      expect(digest(Buffer.concat(await message.toArray()))).toBe(digest(octetsOf(at + 1, size)));
    }
  }, 30_000);

  test("what a record keeps of an answer stays as it came", async () => {
    const bench = await startBench({
      peer: (message, response) => {
        message.resume();
        const number = Number(message.headers["x-number"]);
        response.end(octetsOf(number, 3 * MIB));
      },
    });
    const headers = jsonTarget("ssm", "AmazonSSM.GetInventory");
    for (let round = 0; round < 3; round += 1) {
      const numbers = Array.from({ length: 6 }, (_, at) => round * 6 + at + 1);
      const bodies = await Promise.all(
        numbers.map((number) => read(bench.port, { method: "POST", headers: { ...headers, "x-number": number } }, "fast")),
      );
      expect(bodies.map((body) => body && digest(body))).toEqual(numbers.map((number) => digest(octetsOf(number, 3 * MIB))));
    }
    await bench.metrics.idle(18);
    const kept = bench.recorder.calls.map(({ request, response }) => {
      const number = Number(request.headers.get("x-number"));
      return response?.body !== undefined && digest(response.body) === digest(octetsOf(number, MIB));
    });
    expect(kept).toEqual(Array.from({ length: 18 }, () => true));
  });

  test.each([
    ["of a stream, which is not kept", { method: "PUT", path: "/bucket/key", headers: signed("s3") }, undefined],
    ["that the record keeps", { method: "POST", path: "/", headers: jsonTarget("ssm", "AmazonSSM.PutParameter") }, MIB],
  ] as const)("the upstream gets every octet of a request %s", async (_name, options, kept) => {
    const came = new Map<number, string>();
    const bench = await startBench({
      peer: async (message, response) => {
        const hash = createHash("sha1");
        for await (const chunk of message as AsyncIterable<Buffer>) {
          hash.update(chunk);
          // An upstream that takes it slowly.
          if (Number(message.headers["x-number"]) % 2 === 0) await setImmediate();
        }
        came.set(Number(message.headers["x-number"]), hash.digest("hex"));
        response.end("{}");
      },
    });
    const numbers = Array.from({ length: 16 }, (_, at) => at + 1);
    await Promise.all(
      numbers.map((number) => {
        const length = number % 3 === 0 ? { "transfer-encoding": "chunked" } : { "content-length": 2 * MIB };
        const headers = { ...options.headers, ...length, "x-number": number };
        return call(bench.port, { ...options, headers }, octetsOf(number, 2 * MIB));
      }),
    );
    for (const number of numbers) expect(came.get(number)).toBe(digest(octetsOf(number, 2 * MIB)));
    await bench.metrics.idle(16);
    expect(bench.recorder.calls).toHaveLength(16);
    for (const { request } of bench.recorder.calls) {
      expect(request.bodyBytes).toBe(2 * MIB);
      const number = Number(request.headers.get("x-number"));
      const expected = kept === undefined ? undefined : digest(octetsOf(number, kept));
      expect(request.body && digest(request.body)).toBe(expected);
    }
  });
});
