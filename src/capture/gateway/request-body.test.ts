import { once } from "node:events";
import { expect, test } from "vitest";
import { ArrivingBody } from "./downstream/arriving-body.ts";
import { RequestBody } from "./request-body.ts";

const IDLE = 50;

function arriving(length: number): { readonly source: ArrivingBody; readonly body: RequestBody } {
  const source = new ArrivingBody(length, () => {});
  return { source, body: new RequestBody(source, { onFirstRead: () => {}, idleTimeout: IDLE }) };
}

test("an endpoint that is slow is not taken for a client that is", async () => {
  const { source, body } = arriving(400_000);
  const piece = Buffer.alloc(100_000);
  source.take(piece, 0);
  source.take(piece, 0);
  // What it asks for fills it up at once.
  body.read(0);
  await new Promise((later) => setTimeout(later, 3 * IDLE));
  expect(body.failure).toBeUndefined();
  let octets = 0;
  body.on("data", (chunk: Buffer) => (octets += chunk.length));
  source.take(piece, 0);
  source.take(piece, 0);
  await once(body, "end");
  expect(octets).toBe(400_000);
});

test("a client that is slow is given up", async () => {
  const { source, body } = arriving(10);
  source.take(Buffer.from("half"), 0);
  body.resume();
  await expect.poll(() => body.destroyed).toBe(true);
  expect(body.failure?.reason).toBe("idle");
});

test("a body that broke off before anybody looked", async () => {
  const { source, body } = arriving(10);
  source.take(Buffer.from("half"), 0);
  source.breakOff();
  expect(body.failure).toBeUndefined();
  await body.peek(100);
  expect(body.failure?.reason).toBe("client-gone");
});

test("what was peeked at is still there, whole or as a stream", async () => {
  const whole = arriving(5);
  whole.source.take(Buffer.from("hello"), 0);
  expect(Buffer.from(await whole.body.peek(100)).toString()).toBe("hello");
  expect(Buffer.from(whole.body.takeWhole() ?? []).toString()).toBe("hello");

  const more = arriving(10);
  more.source.take(Buffer.from("hello"), 0);
  expect(Buffer.from(await more.body.peek(3)).toString()).toBe("hello");
  expect(more.body.takeWhole()).toBeUndefined();
  more.source.take(Buffer.from("world"), 0);
  expect(Buffer.concat(await more.body.toArray()).toString()).toBe("helloworld");
});
