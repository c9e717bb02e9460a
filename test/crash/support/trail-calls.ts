import { type CloudTrailRecord, until } from "../../support/opentrail-process.ts";
import { authorization, queryCall } from "../../support/raw-call.ts";
import { checkDelivery, type DeliveryFindings, type PublicKey } from "./check-delivery.ts";
import type { FlakyS3 } from "./flaky-s3.ts";
import { readBack } from "./read-back.ts";

/** Of one trail, in `/_opentrail/status`. */
export interface TrailCount {
  readonly recorded: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly pending: number;
  readonly expired: number;
}

/** What CloudTrail answered instead of a result. */
export class CloudTrailError extends Error {
  override name = "CloudTrailError";
  readonly status: number;

  constructor(operation: string, status: number, text: string) {
    super(`${operation} answered ${status}: ${text}`);
    this.status = status;
  }
}

/** Throws `CloudTrailError`. */
export async function cloudTrail<Output>(url: string, operation: string, input: object): Promise<Output> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      authorization: authorization("cloudtrail"),
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `CloudTrail_20131101.${operation}`,
    },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok) throw new CloudTrailError(operation, response.status, text);
  return JSON.parse(text) as Output;
}

/** Rejects where it was not carried out, or nobody says so. */
export async function callCreateUser(url: string, name: string): Promise<void> {
  const { headers = {}, body = "" } = queryCall("iam", "2010-05-08", "CreateUser", { UserName: name });
  const response = await fetch(url, { method: "POST", headers: { ...headers, authorization: authorization("iam") }, body });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`CreateUser answered ${response.status}`);
}

/** How the status counts the only trail. */
export async function trailCount(url: string): Promise<TrailCount> {
  const response = await fetch(`${url}/_opentrail/status`, { signal: AbortSignal.timeout(60_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`status answered ${response.status}: ${text}`);
  const [count] = (JSON.parse(text) as { trails: readonly TrailCount[] }).trails;
  if (count === undefined) throw new Error("status shows no trail");
  return count;
}

/** Where the events of all calls are read, oldest first. */
export type ReadEvents = () => Promise<readonly CloudTrailRecord[]>;

/** Holds the bucket, and what status counts, against all events: of the time from the first StartLogging to the last StopLogging. */
async function findDelivery(url: string, { objects, changed }: FlakyS3, read: ReadEvents): Promise<DeliveryFindings> {
  const events = await read();
  const worked =
    (name: string) =>
    (event: CloudTrailRecord): boolean =>
      event["eventName"] === name && event["errorCode"] === undefined;
  const from = events.findIndex(worked("StartLogging"));
  const to = events.findLastIndex(worked("StopLogging"));
  const expected = new Set(events.slice(Math.max(from, 0), to + 1).map(({ eventID }) => String(eventID)));
  const { PublicKeyList } = await cloudTrail<{ PublicKeyList: PublicKey[] }>(url, "ListPublicKeys", {
    StartTime: Date.now() / 1000 - 86_400,
    EndTime: Date.now() / 1000 + 7200,
  });
  const found = checkDelivery(objects, expected, PublicKeyList);
  const problems = [...found.problems];
  if (to === -1) problems.push("there is no StopLogging");
  for (const key of changed) problems.push(`${key} was written again with other content`);
  const count = await trailCount(url);
  const { recorded, delivered, filtered, pending, expired } = count;
  if (recorded !== delivered + filtered + pending + expired || pending !== 0 || delivered !== expected.size)
    problems.push(`status counts ${JSON.stringify(count)}; ${expected.size} events were to be delivered`);
  return { ...found, problems };
}

/** Waits for the last files, and for the digest that closes the chain. Throws with all that does not agree. */
export async function untilWhole(
  url: string,
  bucket: FlakyS3,
  milliseconds: number,
  read: ReadEvents = async () => (await readBack(url)).map(({ record }) => record).toReversed(),
): Promise<DeliveryFindings> {
  let found: DeliveryFindings | undefined;
  try {
    return await until(
      async () => {
        try {
          found = await findDelivery(url, bucket, read);
        } catch (error) {
          // An error of ours: asked again, all is well.
          if (error instanceof CloudTrailError && error.status >= 500) return undefined;
          throw error;
        }
        return found.problems.length === 0 ? found : undefined;
      },
      "a bucket in which everything agrees",
      milliseconds,
    );
  } catch (error) {
    throw new Error(`${String(error)}\n${found?.problems.slice(0, 20).join("\n")}`, { cause: error });
  }
}
