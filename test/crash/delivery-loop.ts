import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { authorization, queryCall, REGION } from "../support/raw-call.ts";
import { checkDelivery, type DeliveryFindings, type PublicKey } from "./support/check-delivery.ts";
import { FlakyS3 } from "./support/flaky-s3.ts";
import { Random } from "./support/random.ts";

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

interface TrailCount {
  readonly recorded: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly pending: number;
  readonly expired: number;
}

const ACCOUNT = "000000000000";
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
          await createUser(url, `user-${round}-${client}-${number}`).then(
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
    last: OpenTrailProcess,
    { objects, changed, failures }: FlakyS3,
    done: Pick<DeliveryLoopFigures, "rounds" | "calls">,
  ): Promise<DeliveryLoopFigures> {
    await last.untilEvents({ eventName: "StopLogging" });
    const events = await last.events();
    const from = events.findLastIndex(({ eventName }) => eventName === "StartLogging");
    const to = events.findIndex(({ eventName }) => eventName === "StopLogging");
    const expected = new Set(events.slice(to, from + 1).map(({ eventID }) => String(eventID)));
    const finding = async (): Promise<DeliveryFindings> => {
      const { PublicKeyList } = await cloudTrail<{ PublicKeyList: PublicKey[] }>(last.url, "ListPublicKeys", {
        StartTime: Date.now() / 1000 - 86_400,
        EndTime: Date.now() / 1000 + 7200,
      });
      return checkDelivery(objects, expected, PublicKeyList);
    };
    let found = await finding();
    try {
      // The last files, then the digest that closes the chain.
      await until(
        async () => ((found = await finding()).problems.length === 0 ? true : undefined),
        "a bucket in which everything agrees",
        200_000,
      );
    } catch (error) {
      throw new Error(`${String(error)}\n${found.problems.slice(0, 20).join("\n")}`, { cause: error });
    }
    if (changed.length > 0) throw new Error(`written again with other content: ${changed.join(", ")}`);
    const { trails } = await last.get<{ trails: readonly TrailCount[] }>("status");
    const [count] = trails;
    if (count === undefined) throw new Error("status shows no trail");
    const { recorded, delivered, filtered, pending, expired } = count;
    if (recorded !== delivered + filtered + pending + expired || pending !== 0 || delivered !== expected.size)
      throw new Error(`status counts ${JSON.stringify(count)}; ${expected.size} events were to be delivered`);
    const { problems: _, ...figures } = found;
    const uploadsAgain = [...objects.values()].reduce((sum, { puts }) => sum + puts - 1, 0);
    rmSync(dataDir, { recursive: true, force: true });
    return { ...done, ...figures, uploadsAgain, failures: Object.fromEntries(failures) };
  }
}

async function createUser(url: string, name: string): Promise<void> {
  const { headers = {}, body = "" } = queryCall("iam", "2010-05-08", "CreateUser", { UserName: name });
  const response = await fetch(url, { method: "POST", headers: { ...headers, authorization: authorization("iam") }, body });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`CreateUser answered ${response.status}`);
}

async function cloudTrail<Output>(url: string, operation: string, input: object): Promise<Output> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      authorization: authorization("cloudtrail"),
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `CloudTrail_20131101.${operation}`,
    },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${operation} in ${REGION} of ${ACCOUNT} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Output;
}
