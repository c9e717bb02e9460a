import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type CloudTrailRecord, startOpenTrail, until } from "../support/opentrail-process.ts";
import type { DeliveryFindings } from "./support/check-delivery.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { FlakyS3 } from "./support/flaky-s3.ts";
import { journalEntries } from "./support/journal-files.ts";
import { Random } from "./support/random.ts";
import { callCreateUser, cloudTrail, trailCount, untilWhole } from "./support/trail-calls.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

export interface DeliveryClockOptions {
  readonly seed: number;
  readonly library: string;
  /** Seconds by which the clock is wrong, one after the other; it is right in the end. */
  readonly jumps?: readonly number[];
  /** Milliseconds for which each jump lasts at least: with more than a minute, windows without a digest are made up for. */
  readonly lasting?: number;
  readonly progress?: (line: string) => void;
}

export type DeliveryClockFigures = Omit<DeliveryFindings, "problems">;

/**
 * The clock jumps while a trail delivers, and while nothing runs. Each event is in one file, keys of files sort upward in the
 * order in which they arrived, and digests follow each other without a hole. Throws with all that does not agree.
 */
export async function deliveryClock(options: DeliveryClockOptions): Promise<DeliveryClockFigures> {
  const { seed, library, jumps = [-HOUR, DAY, 0, -HOUR], lasting = 0, progress } = options;
  const random = new Random(seed);
  const directory = mkdtempSync(join(tmpdir(), "opentrail-delivery-clock-"));
  const clock = new FakeClock(library, directory);
  const config = join(directory, "opentrail.yaml");
  // What is in the future of the clock is history as well.
  writeFileSync(config, "delivery: { flushSeconds: 1, digestMinutes: 1 }\nhistory: { retentionDays: 3653 }\n");
  const bucket = new FlakyS3(random.fork());
  bucket.failing = false;
  await bucket.listen();
  const dataDir = join(directory, "data");
  mkdirSync(dataDir);
  const start = { dataDir, flags: ["--config", config, "--upstream", bucket.url] };
  let served = await startOpenTrail({ ...start, environment: clock.environment });
  let users = 0;
  const deliver = async (): Promise<void> => {
    const { delivered } = await trailCount(served.url);
    for (let at = 0; at < 3; at++) await callCreateUser(served.url, `user-${(users += 1)}`);
    await until(
      async () => {
        const count = await trailCount(served.url);
        return count.pending === 0 && count.delivered >= delivered + 3 ? true : undefined;
      },
      "the files",
      60_000,
    );
  };
  try {
    await cloudTrail(served.url, "CreateTrail", { Name: "clock", S3BucketName: "bucket", EnableLogFileValidation: true });
    await cloudTrail(served.url, "StartLogging", { Name: "clock" });
    await deliver();
    for (const jump of [...jumps, 0]) {
      const restarting = random.chance(0.5);
      if (restarting) await served.stop("SIGKILL");
      clock.set(jump);
      if (restarting) served = await startOpenTrail({ ...start, environment: clock.environment });
      await deliver();
      await delay(lasting);
      progress?.(`${jump} s: ${bucket.objects.size} objects`);
    }
    await cloudTrail(served.url, "StopLogging", { Name: "clock" });
    const { problems: _, ...figures } = await untilWhole(served.url, bucket, 60_000, async () => recorded(dataDir));
    const keys = [...bucket.objects.keys()].filter((key) => !key.includes("/CloudTrail-Digest/"));
    const wrong = keys.filter((key, at) => key <= (keys[at - 1] ?? ""));
    if (wrong.length > 0) throw new Error(`came behind files that sort higher: ${wrong.join(", ")}\nof ${keys.join("\n")}`);
    rmSync(directory, { recursive: true, force: true });
    return figures;
  } catch (error) {
    throw new Error(`seed ${seed}, data kept in ${directory}: ${String(error)}\n${served.log().slice(-4000)}`, { cause: error });
  } finally {
    await served.stop("SIGKILL");
    await bucket.close();
  }
}

/** In the order of the calls, which is not that of their times. */
function recorded(dataDir: string): readonly CloudTrailRecord[] {
  return journalEntries(dataDir)
    .filter(({ kind }) => kind === "event")
    .map(({ body }) => JSON.parse(body.toString()) as CloudTrailRecord);
}
