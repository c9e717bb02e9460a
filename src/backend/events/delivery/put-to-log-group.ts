import { createHash } from "node:crypto";
import { AwsError } from "../../../aws/aws-error.ts";
import type { Place } from "../../places.ts";
import type { LogSink } from "../log-sink.ts";
import type { Target } from "../target.ts";
import { DeliveryError } from "./delivery-error.ts";
import { parseEvent } from "../pattern/parse-event.ts";

interface LogInput {
  readonly group: string;
  readonly target: Target;
  readonly event: string;
  readonly input: string;
}

/** One log event, in a stream that the target keeps. Throws `DeliveryError`. */
export async function putToLogGroup(logs: LogSink, place: Place, { group, target, event, input }: LogInput): Promise<void> {
  try {
    await logs.put(place, group, streamOf(place, group, target.Id), [logEvent(event, input)]);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const code = error.code === "ResourceNotFoundException" ? "RESOURCE_NOT_FOUND" : "SDK_CLIENT_ERROR";
    throw new DeliveryError(code, error.message, error.status < 500, { cause: error });
  }
}

/** A transformer may make the log event itself: `{"timestamp": EPOCH MILLISECONDS, "message": TEXT}` and nothing else. */
function logEvent(event: string, input: string): { readonly timestamp: number; readonly message: string } {
  const made = parseEvent(input) as Readonly<Record<string, unknown>> | undefined;
  const { timestamp, message } = made ?? {};
  if (made !== undefined && Object.keys(made).length === 2 && typeof timestamp === "number" && typeof message === "string") {
    return { timestamp, message };
  }
  const { time } = (parseEvent(event) ?? {}) as { readonly time?: unknown };
  return { timestamp: Date.parse(String(time)), message: input };
}

/** AWS's streams have a UUID for their name. This one is always the same for a target. */
function streamOf({ accountId, region }: Place, group: string, id: string): string {
  const hex = createHash("sha256").update(`${accountId}/${region}/${group}/${id}`).digest("hex");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-8$3-8$4-$5");
}
