import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { limitFileSize } from "../support/file-size-limit.ts";
import { startOpenTrail, until } from "../support/opentrail-process.ts";
import type { DeliveryFindings } from "./support/check-delivery.ts";
import { FlakyS3 } from "./support/flaky-s3.ts";
import { Random } from "./support/random.ts";
import { SmallDisk } from "./support/small-disk.ts";
import { callCreateUser, cloudTrail, untilWhole } from "./support/trail-calls.ts";

export interface DeliveryFullOptions {
  readonly seed: number;
  /** Do without a small file system even where one could be mounted. */
  readonly withoutMount?: boolean;
  readonly progress?: (line: string) => void;
}

export interface DeliveryFullFigures extends Omit<DeliveryFindings, "problems"> {
  readonly refused: number;
  readonly uploadsAgain: number;
}

const MEGABYTES = 64;
const ROUNDS = 3;

/**
 * The disk fills and empties while a trail delivers to a bucket that fails now and then. What is delivered meanwhile cannot be
 * noted: it is sent again as it was. In the end each event is in one file, each file in one digest. Throws with all that does not
 * agree.
 */
export async function deliveryFull({ seed, withoutMount, progress }: DeliveryFullOptions): Promise<DeliveryFullFigures> {
  const disk = withoutMount === true ? undefined : SmallDisk.mount(MEGABYTES);
  const directory = disk?.directory ?? mkdtempSync(join(tmpdir(), "opentrail-full-"));
  const dataDir = join(directory, "data");
  mkdirSync(dataDir);
  const config = join(directory, "opentrail.yaml");
  writeFileSync(config, "delivery: { flushSeconds: 1, digestMinutes: 1 }\n");
  const bucket = new FlakyS3(new Random(seed));
  await bucket.listen();
  const served = await startOpenTrail({ dataDir, flags: ["--config", config, "--upstream", bucket.url, "--log-level", "warn"] });
  const fill = (): void => (disk === undefined ? limitFileSize(served.pid, 1) : disk.fill());
  const free = (): void => (disk === undefined ? limitFileSize(served.pid, undefined) : disk.free());
  const isWell = async (): Promise<boolean> => (await fetch(`${served.url}/_opentrail/health`)).status === 200;
  let refused = 0;
  const users = async (name: string, count: number): Promise<void> => {
    for (let at = 0; at < count; at++) await callCreateUser(served.url, `${name}-${at}`).catch(() => (refused += 1));
  };
  try {
    await cloudTrail(served.url, "CreateTrail", { Name: "full", S3BucketName: "bucket", EnableLogFileValidation: true });
    await cloudTrail(served.url, "StartLogging", { Name: "full" });
    for (let round = 0; round < ROUNDS; round++) {
      await users(`before-${round}`, 20);
      fill();
      const filledAt = Date.now();
      // What was made room for beforehand may still be used.
      for (let at = 0; (await isWell()) && Date.now() - filledAt < 30_000; at++)
        await users(`${"large".repeat(2_000)}-${round}-${at}`, 10);
      // Several flushes.
      await delay(3_000);
      free();
      await until(async () => ((await isWell()) ? true : undefined), "recording to resume", 30_000);
      progress?.(`${round + 1} of ${ROUNDS}, ${bucket.objects.size} objects, ${refused} calls refused`);
    }
    bucket.failing = false;
    await until(
      async () => await cloudTrail<object>(served.url, "StopLogging", { Name: "full" }).catch(() => undefined),
      "StopLogging",
    );
    const { problems: _, ...figures } = await untilWhole(served.url, bucket, 90_000);
    const uploadsAgain = [...bucket.objects.values()].reduce((sum, { puts }) => sum + puts - 1, 0);
    return { ...figures, refused, uploadsAgain };
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}\n${served.log().slice(-6000)}`, { cause: error });
  } finally {
    await served.stop("SIGKILL");
    await bucket.close();
    if (disk === undefined) rmSync(directory, { recursive: true, force: true });
    else disk.unmount();
  }
}
