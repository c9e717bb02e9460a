import type { ApiCall } from "../../event/api-call.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import { failedBeforeAuthentication } from "../../event/event-error.ts";

type Settings = Pick<GatewayOptions, "recorder" | "identities" | "recording" | "recordUnauthenticated" | "metrics" | "logger">;

/**
 * Records a finished call if it is to be recorded, then lets the identities learn from it: before the client has the
 * answer, so that the first use of a new key finds its owner. Resolves with the problem for which the answer must be
 * withheld; never rejects.
 *
 * @param wanted the recorder wants the call; else it is here for the identities alone.
 */
export async function concludeCall(settings: Settings, call: ApiCall, wanted: boolean): Promise<Error | undefined> {
  const { recording, recordUnauthenticated, metrics } = settings;
  let problem: Error | undefined;
  if (!wanted) metrics.unrecorded("not-selected");
  else if (recordUnauthenticated !== true && failedBeforeAuthentication(call.error)) metrics.unrecorded("unauthenticated");
  else problem = await record(settings, call);
  learn(settings, call);
  return recording === "best-effort" ? undefined : problem;
}

async function record({ recorder, metrics, logger }: Settings, call: ApiCall): Promise<Error | undefined> {
  try {
    await recorder.record(call);
    metrics.recorded();
    return undefined;
  } catch (error) {
    metrics.unrecorded("record-failed");
    const { eventId, serviceId, operationName } = call;
    logger.error({ err: error, eventId, service: serviceId, operation: operationName }, "a call could not be recorded");
    return error instanceof Error ? error : new Error(String(error));
  }
}

function learn({ identities, logger }: Settings, call: ApiCall): void {
  try {
    identities.learn(call);
  } catch (error) {
    logger.error({ err: error, eventId: call.eventId }, "identities could not learn from a call");
  }
}
