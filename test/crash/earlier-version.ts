import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { type OpenTrailProcess, startOpenTrail } from "../support/opentrail-process.ts";
import { createUser, lookupEvents } from "./support/call-kinds.ts";
import type { DeliveryFindings } from "./support/check-delivery.ts";
import { FlakyS3 } from "./support/flaky-s3.ts";
import { Random } from "./support/random.ts";
import { readBack } from "./support/read-back.ts";
import { Scene } from "./support/scene.ts";
import { callCreateUser, cloudTrail, untilWhole } from "./support/trail-calls.ts";

/** Version 0.1.0, before it wrote intents. */
export const EARLIER_DATA = join(import.meta.dirname, "fixtures/data-0.1.0.tar.zst");

/** Of `make-earlier-data.ts`: a data directory as an earlier version's death under load left it, and the answers of that time. */
interface Acknowledged {
  readonly mark: string;
  readonly eventName: string;
  readonly requestId: string;
}

/** Takes an archive apart into `directory`: `data/` and `acknowledged.json`. */
function unpack(archive: string, directory: string): readonly Acknowledged[] {
  const tar = zstdDecompressSync(readFileSync(archive));
  const { status, stderr } = spawnSync("tar", ["-x", "-C", directory], { input: tar, encoding: "utf8" });
  if (status !== 0) throw new Error(`tar failed: ${stderr}`);
  return JSON.parse(readFileSync(join(directory, "acknowledged.json"), "utf8")) as Acknowledged[];
}

/**
 * This version starts on an earlier version's data and has every event that was acknowledged then; it goes on recording, and
 * has all of it after a restart. Throws `Broken`.
 */
export async function earlierVersion(archive: string, seed: number): Promise<{ readonly events: number }> {
  const directory = mkdtempSync(join(tmpdir(), "opentrail-earlier-"));
  const acknowledged = unpack(archive, directory);
  const config = join(directory, "opentrail.yaml");
  // The archive gets older.
  writeFileSync(config, "history: { retentionDays: 3653 }\n");
  await using scene = await Scene.begin({ seed, dataDir: join(directory, "data") });
  let events = 0;
  for (let start = 0; start < 3; start++) {
    await scene.start({ flags: ["--config", config] });
    for (const kind of [createUser, lookupEvents]) await scene.call(kind);
    const found = (await readBack(scene.url)).map(({ record }) => record);
    events = found.length;
    const byId = new Map(found.map((record) => [record["requestID"], record]));
    const missing = acknowledged.filter(({ eventName, requestId }) => byId.get(requestId)?.["eventName"] !== eventName);
    if (missing.length > 0)
      scene.break([{ promise: "an earlier version's events are there", what: JSON.stringify(missing.slice(0, 5)) }]);
    if (new Set(found.map((record) => record["eventID"])).size !== found.length)
      scene.break([{ promise: "no event id twice", what: "" }]);
    for (const { answer, mark } of scene.book.calls.values()) {
      if (answer?.status === 200 && !byId.has(answer.requestId)) scene.break([{ promise: "recording goes on", what: mark }]);
    }
    if (start === 1) {
      scene.served.signal("SIGTERM");
      await scene.served.ended;
    } else await scene.kill();
  }
  rmSync(directory, { recursive: true, force: true });
  return { events };
}

/**
 * A trail that an earlier version's clients made, when trails delivered nothing: it delivers once it is told to log, what came
 * since then and nothing of before. Throws with all that does not agree.
 */
export async function earlierTrail(archive: string, seed: number): Promise<DeliveryFindings> {
  const directory = mkdtempSync(join(tmpdir(), "opentrail-earlier-"));
  unpack(archive, directory);
  const config = join(directory, "opentrail.yaml");
  writeFileSync(config, "delivery: { flushSeconds: 1, digestMinutes: 1 }\n");
  const bucket = new FlakyS3(new Random(seed));
  bucket.failing = false;
  await bucket.listen();
  const start = async (): Promise<OpenTrailProcess> =>
    await startOpenTrail({ dataDir: join(directory, "data"), flags: ["--config", config, "--upstream", bucket.url] });
  let served = await start();
  try {
    const { trailList } = await cloudTrail<{ trailList: { Name: string }[] }>(served.url, "DescribeTrails", {});
    const [Name = "", ...others] = trailList.map((trail) => trail.Name);
    for (const other of others) await cloudTrail(served.url, "DeleteTrail", { Name: other });
    await cloudTrail(served.url, "UpdateTrail", { Name, EnableLogFileValidation: true });
    await cloudTrail(served.url, "StartLogging", { Name });
    for (let at = 0; at < 3; at++) await callCreateUser(served.url, `user-${at}`);
    await served.stop("SIGKILL");
    served = await start();
    await callCreateUser(served.url, "user-after");
    await cloudTrail(served.url, "StopLogging", { Name });
    const found = await untilWhole(served.url, bucket, 60_000);
    rmSync(directory, { recursive: true, force: true });
    return found;
  } catch (error) {
    throw new Error(`data kept in ${directory}: ${String(error)}\n${served.log().slice(-4000)}`, { cause: error });
  } finally {
    await served.stop("SIGKILL");
    await bucket.close();
  }
}
