import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, expect, onTestFinished, test } from "vitest";
import type { DestinationClients } from "../readers/delivery/destination-clients.ts";
import { openDestinationClients } from "./destination-clients.ts";
import { readConfig } from "./read-config.ts";

const directory = mkdtempSync(join(tmpdir(), "opentrail-clients-"));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, "secret"), "secret\n");

const PLACE = { accountId: "123456789012", region: "us-east-1" };

async function before(listener: RequestListener): Promise<DestinationClients> {
  const server = createServer((request, response) => request.resume().on("end", () => listener(request, response)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const own = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKeyFile: join(directory, "secret"),
  };
  const { upstreams, delivery } = readConfig({}, {});
  const clients = await openDestinationClients({
    config: { upstreams, delivery: { ...delivery, destinations: { s3: own, logs: own } } },
    keys: { keyOf: () => ({ accessKeyId: "a", secretAccessKey: "b" }), accountOf: () => PLACE.accountId },
    door: join(directory, "none.sock"),
  });
  onTestFinished(async () => {
    await clients.close();
    server.closeAllConnections();
    server.close();
  });
  return clients;
}

const put = async (clients: DestinationClients): Promise<unknown> =>
  await clients.logs(PLACE).send(new PutLogEventsCommand({ logGroupName: "g", logStreamName: "s", logEvents: [] }));

test("an answer without end is broken off", async () => {
  const clients = await before((_, response) => {
    response.writeHead(403);
    const chunk = Buffer.alloc(65_536, "a");
    const more = (): void => {
      while (response.write(chunk));
    };
    response.on("drain", more);
    more();
  });
  await expect(put(clients)).rejects.toThrow(/answer is longer than/);
  const object = new PutObjectCommand({ Bucket: "bucket", Key: "key", Body: new Uint8Array(1) });
  await expect(clients.s3(PLACE).send(object)).rejects.toThrow(/answer is longer than/);
});

test("an error of megabytes is no longer than what is logged of any", async () => {
  const clients = await before((_, response) => {
    response.writeHead(400).end(JSON.stringify({ __type: "X".repeat(5_000_000), message: "m".repeat(5_000_000) }));
  });
  const error = await put(clients).then(
    () => new Error("it was taken"),
    (cause: unknown) => cause as Error,
  );
  expect(error.name.length + error.message.length).toBeLessThan(1000);
  expect(error.message).toMatch(/answer is longer than/);
});

test("an error of usual length is told whole", async () => {
  const clients = await before((_, response) => {
    response.writeHead(400).end(JSON.stringify({ __type: "DataAlreadyAcceptedException", message: "m".repeat(20_000) }));
  });
  await expect(put(clients)).rejects.toMatchObject({ name: "DataAlreadyAcceptedException", message: "m".repeat(20_000) });
});

test("a bucket that never answers leaves the log group its connections", async () => {
  const clients = await before((request, response) => {
    if (request.method === "POST") response.end("{}");
  });
  const leave = new AbortController();
  const objects = Array.from({ length: 100 }, async (_, at) => {
    const object = new PutObjectCommand({ Bucket: "bucket", Key: String(at), Body: new Uint8Array(1) });
    await clients.s3(PLACE).send(object, { abortSignal: leave.signal });
  });
  const ends = Promise.allSettled(objects);
  await put(clients);
  leave.abort();
  expect((await ends).every(({ status }) => status === "rejected")).toBe(true);
});

test("clients of however many Regions are not all kept", async () => {
  const clients = await before(() => {});
  const first = clients.sns(PLACE);
  expect(clients.sns(PLACE)).toBe(first);
  for (let at = 0; at < 1000; at++) clients.sns({ ...PLACE, region: `region-${at}` });
  expect(clients.sns(PLACE)).not.toBe(first);
});
