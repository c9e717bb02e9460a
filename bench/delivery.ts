/**
 * A trail that takes every event, from the journal to log files in S3: events and octets a second, CPU for each event, files.
 * Beside it: `gzip -6` of the same octets by node:zlib alone, on one thread. The S3 is a thread that reads bodies and says yes.
 *
 *   node bench/delivery.ts [events]
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, parentPort as parent, Worker } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { S3Client } from "@aws-sdk/client-s3";
import { openTrailStore } from "../src/account/trails/drivers/sqlite/open-trail-store.ts";
import { systemClock } from "../src/base/clock.ts";
import { createLogger } from "../src/base/logger.ts";
import { openSegmentJournal } from "../src/journal/drivers/segments/open-segment-journal.ts";
import { createDelivery } from "../src/readers/delivery/delivery.ts";
import { openDeliveryDatabase } from "../src/readers/delivery/delivery-database.ts";
import { DeliveredFiles } from "../src/readers/delivery/digest/delivered-files.ts";
import { createReaderHost } from "../src/readers/reader-host.ts";
import { HistoryEvents } from "./history-events.ts";

const ROUNDS = 3;
const BATCH = 500;
const MEGABYTE = 1024 * 1024;

if (isMainThread) await measure(Number(process.argv[2] ?? 200_000));
else await sink();

async function measure(count: number): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "bench-delivery-"));
  const logger = createLogger("warn");
  const worker = new Worker(new URL(import.meta.url));
  const [port] = (await once(worker, "message")) as [number];
  const client = new S3Client({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${port}`,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "none" },
  });
  const journal = await openSegmentJournal({ directory: join(root, "journal"), logger });
  let octets = 0;
  const parts: Uint8Array[] = [];
  const events = new HistoryEvents();
  const from = systemClock.now() / 1000 - count;
  for (let made = 0; made < count; made += BATCH) {
    const batch = events.batch(Math.min(BATCH, count - made), from + made, 1);
    await journal.append(batch.map(({ kind, head, body }) => ({ kind, head, body })));
    for (const { body } of batch) {
      octets += body.length;
      if (octets < 64 * MEGABYTE) parts.push(body);
    }
  }

  const whole = Buffer.concat(parts);
  let alone = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    for (let at = 0; at < whole.length; at += 8 * MEGABYTE) gzipSync(whole.subarray(at, at + 8 * MEGABYTE));
    alone = Math.min(alone, performance.now() - started);
  }
  console.log(`${count} events, ${(octets / count).toFixed(0)} octets each`);
  console.log(`node:zlib alone, one thread   ${rate((parts.length / alone) * 1000)} events/s`);

  for (let round = 0; round < ROUNDS; round++) {
    const place = join(root, `round-${round}`);
    const trails = openTrailStore(join(place, "trails.sqlite"));
    await trails.add(
      {
        id: `trail-${round}`,
        accountId: events.account,
        name: "bench",
        homeRegion: "us-east-1",
        arn: `arn:aws:cloudtrail:us-east-1:${events.account}:trail/bench`,
        s3BucketName: "logs",
        includeGlobalServiceEvents: true,
        isMultiRegionTrail: true,
        logFileValidationEnabled: false,
        isOrganizationTrail: false,
        recursiveLogging: true,
        logging: true,
        tags: [],
        createdAt: 0,
      },
      { after: 0, requestId: "bench" },
      () => undefined,
    );
    const database = openDeliveryDatabase(join(place, "delivery.sqlite"));
    const delivery = createDelivery({
      database,
      files: new DeliveredFiles(database),
      journal,
      trails,
      clients: { s3: () => client },
      settings: {
        flushMilliseconds: 10_000,
        flushOctets: 8 * MEGABYTE,
        acl: true,
        encryption: true,
        requestMilliseconds: 60_000,
      },
      clock: systemClock,
      logger,
    });
    const host = createReaderHost({ journal, readers: [], logger, keepFrom: () => 0 });
    const cpu = process.cpuUsage();
    const started = performance.now();
    delivery.start(host);
    await host.caughtUp(count);
    // The rest is less than a file: it goes out with the end.
    const one = Math.ceil((8 * MEGABYTE) / (octets / count));
    while (delivery.account(`trail-${round}`).pending > one) await sleep(2);
    await delivery.close();
    const milliseconds = performance.now() - started;
    const used = process.cpuUsage(cpu);
    const { delivered, pending } = delivery.account(`trail-${round}`);
    if (delivered !== count) throw new Error(`${delivered} events are delivered, ${pending} are not`);
    const files = Number(database.prepare("SELECT count(*) AS count FROM delivered_files").get()?.["count"]);
    const micros = ((used.user + used.system) / count).toFixed(1);
    console.log(
      `journal to S3                 ${rate((count / milliseconds) * 1000)} events/s, ${(octets / milliseconds / 1000).toFixed(1)} MB/s, ${micros} µs of CPU each, ${files} files`,
    );
    await host.close();
    await trails.close();
    database.close();
  }
  await journal.close();
  client.destroy();
  await worker.terminate();
  rmSync(root, { recursive: true, force: true });
}

async function sink(): Promise<void> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(200, { etag: '"0"' }).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  parent?.postMessage(port, []);
}

function rate(value: number): string {
  return Math.round(value).toLocaleString("en").padStart(8);
}
