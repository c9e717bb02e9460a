import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { everyEvent } from "./lane-event.ts";
import type { SinkLane } from "./sink-lane.ts";
import { type Answer, eventEntry, logger, NOW, type SeenRequest, SinkState, TestServer } from "./sink.test-support.ts";
import { createWebhookSink, type WebhookSinkOptions } from "./webhook-sink.ts";
import { webhookSecrets, webhookSignature } from "./webhook-signature.ts";

const KEY = Buffer.from("0123456789abcdef0123456789abcdef");
const OK: Answer = { status: 204 };

class Hook implements AsyncDisposable {
  answer: (request: SeenRequest) => Answer = () => OK;
  readonly state = new SinkState();
  readonly secretFile = join(this.state.directory, "secret");
  #server: TestServer | undefined;

  static async open(): Promise<Hook> {
    const hook = new Hook();
    hook.#server = await TestServer.open((request) => hook.answer(request));
    return hook;
  }

  get seen(): readonly SeenRequest[] {
    return this.#server!.seen;
  }

  lane(options: Partial<WebhookSinkOptions> = {}): SinkLane {
    return createWebhookSink({
      url: `${this.#server!.url}/in?token=t0ps3cret`,
      selection: everyEvent,
      from: () => 0,
      store: this.state.store(),
      clock: { now: () => NOW },
      logger,
      requestMilliseconds: 1_000,
      ...options,
    });
  }

  positions(): readonly (readonly number[])[] {
    return this.seen.map(({ body }) =>
      (JSON.parse(body) as { Records: { requestParameters: { position: number } }[] }).Records.map(
        (record) => record.requestParameters.position,
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.state[Symbol.dispose]();
  }
}

test("a batch is the records as they are, signed so that every secret of the file verifies it", async () => {
  await using hook = await Hook.open();
  writeFileSync(hook.secretFile, `whsec_${KEY.toString("base64")}\n\n  just some text of enough length  \n`);
  const entries = [eventEntry(1), eventEntry(2), { ...eventEntry(3), kind: "settled" as const }];
  const lane = hook.lane({ secretFile: hook.secretFile });
  await lane.read(entries);
  await lane.close();
  const [request] = hook.seen;
  expect(request!.body).toBe(
    `{"Records":[${Buffer.from(entries[0]!.body).toString()},${Buffer.from(entries[1]!.body).toString()}]}`,
  );
  expect(request!.url).toBe("/in?token=t0ps3cret");
  const {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signature,
    "content-type": type,
  } = request!.headers;
  expect(type).toBe("application/json");
  expect(timestamp).toBe(String(NOW / 1000));
  const sign = (key: string | Buffer): string =>
    `v1,${createHmac("sha256", key)
      .update(`${String(id)}.${String(timestamp)}.${request!.body}`)
      .digest("base64")}`;
  expect(signature).toBe(`${sign(KEY)} ${sign("just some text of enough length")}`);
  // The name is shown in logs, status and metrics.
  expect(lane.name).not.toContain("t0ps3cret");
});

test("the signature is that of the specification's example", () => {
  const [secret] = webhookSecrets("file", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const body = Buffer.from('{"test": 2432232314}');
  expect(webhookSignature([secret!], "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)).toBe(
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  );
});

test("what is sent again has the same id, whatever has come since; what is new has another", async () => {
  await using hook = await Hook.open();
  const lane = hook.lane();
  hook.answer = () => "reset";
  await expect(lane.read([eventEntry(1), eventEntry(2)])).rejects.toThrow();
  hook.answer = () => OK;
  await lane.read([eventEntry(1), eventEntry(2), eventEntry(3)]);
  expect(hook.positions()).toEqual([[1, 2], [1, 2], [3]]);
  const ids = hook.seen.map(({ headers }) => headers["webhook-id"]);
  expect(ids[0]).toBe(ids[1]);
  expect(ids[2]).not.toBe(ids[0]);
});

test.each<[string, Answer]>([
  ["503", { status: 503 }],
  ["429", { status: 429 }],
  ["400", { status: 400 }],
  ["a redirect", { status: 307, headers: { location: "/elsewhere" } }],
  ["an answer that ends the connection", "reset"],
  ["silence", "silence"],
])("%s: the batch waits, nothing is lost", async (_, answer) => {
  await using hook = await Hook.open();
  const lane = hook.lane();
  hook.answer = () => answer;
  await expect(lane.read([eventEntry(1), eventEntry(2)])).rejects.toThrow();
  expect(lane.position()).toBe(0);
  expect(hook.seen.every(({ url }) => url.startsWith("/in"))).toBe(true);
  hook.answer = () => OK;
  const before = hook.seen.length;
  await lane.read([eventEntry(1), eventEntry(2)]);
  expect(hook.positions().slice(before).flat()).toEqual([1, 2]);
});

test("a receiver that takes only so much gets it in smaller batches; an endless answer is cut", async () => {
  await using hook = await Hook.open();
  const lane = hook.lane();
  hook.answer = ({ body }) => (body.length > 1_500 ? { status: 413 } : { status: 200, body: "x".repeat(1_000_000) });
  const entries = Array.from({ length: 20 }, (_, at) => eventEntry(at + 1));
  await lane.read(entries);
  const taken = hook.seen.filter(({ body }) => body.length <= 1_500).map(({ body }) => JSON.parse(body).Records.length as number);
  expect(taken.reduce((sum, count) => sum + count, 0)).toBe(20);
  expect(lane.position()).toBe(20);
});

test("requests stay below a megabyte and 500 records", async () => {
  await using hook = await Hook.open();
  await hook.lane().read(Array.from({ length: 1_100 }, (_, at) => eventEntry(at + 1)));
  await hook
    .lane({ trail: "other" })
    .read(Array.from({ length: 20 }, (_, at) => eventEntry(at + 1, {}, { note: "x".repeat(200_000) })));
  const sizes = hook.positions().map((records) => records.length);
  expect(sizes.slice(0, 3)).toEqual([500, 500, 100]);
  expect(sizes.slice(3)).toEqual([5, 5, 5, 5]);
  for (const { body } of hook.seen) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(1_048_576);
});

test("a secret file that is none is refused, at the start and while it runs, and never quoted", async () => {
  await using hook = await Hook.open();
  for (const content of ["", "short", "whsec_%%%not base64 at all%%%%%%%%%%%%%"]) {
    writeFileSync(hook.secretFile, content);
    expect(() => hook.lane({ secretFile: hook.secretFile })).toThrow(hook.secretFile);
    if (content !== "") expect(() => hook.lane({ secretFile: hook.secretFile })).not.toThrow(content);
  }
  writeFileSync(hook.secretFile, KEY);
  const lane = hook.lane({ secretFile: hook.secretFile });
  await lane.read([eventEntry(1)]);
  writeFileSync(hook.secretFile, "");
  await expect(lane.read([eventEntry(2)])).rejects.toThrow("holds no secret");
  expect(hook.seen).toHaveLength(1);
});
