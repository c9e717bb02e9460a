import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type OpenTrailProcess, startOpenTrail } from "../support/opentrail-process.ts";
import type { DeliveryFindings } from "./support/check-delivery.ts";
import { FlakyS3 } from "./support/flaky-s3.ts";
import { Random } from "./support/random.ts";
import { callCreateUser, cloudTrail, untilWhole } from "./support/trail-calls.ts";

export interface DeliveryLoopOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly progress?: (line: string) => void;
}

export interface DeliveryLoopFigures extends Omit<DeliveryFindings, "problems"> {
  readonly rounds: number;
  readonly calls: number;
  readonly uploadsAgain: number;
  readonly failures: Readonly<Record<string, number>>;
}

const CLIENTS = 4;

/**
 * A trail with validation delivers to a bucket that fails in every way, while OpenTrail is killed again and again. In the end
 * an outsider reads the bucket and holds it against the event history. Throws with all that does not agree.
 */
export async function deliveryLoop({ rounds, seed, progress }: DeliveryLoopOptions): Promise<DeliveryLoopFigures> {
  const random = new Random(seed);
  const bucket = new FlakyS3(random.fork());
  await bucket.listen();
  const dataDir = mkdtempSync(join(tmpdir(), "opentrail-delivery-"));
  const config = join(dataDir, "opentrail.yaml");
  writeFileSync(config, "delivery: { flushSeconds: 1, digestMinutes: 1 }\n");
  const start = async (): Promise<OpenTrailProcess> =>
    await startOpenTrail({ dataDir, flags: ["--config", config, "--upstream", bucket.url] });
  let calls = 0;
  let process = await start();
  try {
    await cloudTrail(process.url, "CreateTrail", { Name: "loop", S3BucketName: "bucket", EnableLogFileValidation: true });
    await cloudTrail(process.url, "StartLogging", { Name: "loop" });
    for (let round = 0; round < rounds; round++) {
      const { url } = process;
      const stopping = new AbortController();
      const clients = Array.from({ length: CLIENTS }, async (_, client) => {
        for (let number = 0; !stopping.signal.aborted; number++) {
          await callCreateUser(url, `user-${round}-${client}-${number}`).then(
            () => (calls += 1),
            () => {},
          );
          await delay(random.whole(1, 60));
        }
      });
      await delay(random.whole(100, 2_500));
      await process.stop("SIGKILL");
      stopping.abort();
      await Promise.all(clients);
      process = await start();
      progress?.(`${round + 1} of ${rounds} rounds, ${calls} calls, ${bucket.objects.size} objects`);
    }
    bucket.failing = false;
    await cloudTrail(process.url, "StopLogging", { Name: "loop" });
    return await settled(process, bucket, { rounds, calls });
  } catch (error) {
    throw new Error(`seed ${seed}, data kept in ${dataDir}: ${String(error)}\n${process.log().slice(-4000)}`, { cause: error });
  } finally {
    await process.stop("SIGKILL");
    await bucket.close();
  }

  async function settled(
    { url }: OpenTrailProcess,
    { objects, failures }: FlakyS3,
    done: Pick<DeliveryLoopFigures, "rounds" | "calls">,
  ): Promise<DeliveryLoopFigures> {
    const found = await untilWhole(url, bucket, 200_000);
    const { problems: _, ...figures } = found;
    const uploadsAgain = [...objects.values()].reduce((sum, { puts }) => sum + puts - 1, 0);
    rmSync(dataDir, { recursive: true, force: true });
    return { ...done, ...figures, uploadsAgain, failures: Object.fromEntries(failures) };
  }
}
