import type { ApiCall } from "../../event/api-call.ts";
import { failedBeforeAuthentication } from "../../event/event-error.ts";
import type { Fate } from "./gateway-metrics.ts";
import type { GatewayOptions } from "./gateway-options.ts";

type Settings = Pick<GatewayOptions, "recorder" | "identities" | "recordUnauthenticated" | "logger">;

export interface Conclusion {
  readonly fate: Fate;
  /** Why the event is not durable although it should be. */
  readonly problem?: Error;
}

/**
 * Records a finished call if it is to be recorded, then lets the identities learn from it: before the client has the
 * answer, so that the first use of a new key finds its owner. Never rejects.
 *
 * @param wanted the recorder wants the call; else it is here for the identities alone.
 */
export async function concludeCall(settings: Settings, call: ApiCall, wanted: boolean): Promise<Conclusion> {
  const conclusion = await record(settings, call, wanted);
  learn(settings, call);
  return conclusion;
}

async function record(
  { recorder, recordUnauthenticated, logger }: Settings,
  call: ApiCall,
  wanted: boolean,
): Promise<Conclusion> {
  if (!wanted) return { fate: "not-selected" };
  if (recordUnauthenticated !== true && failedBeforeAuthentication(call.error)) return { fate: "unauthenticated" };
  try {
    await recorder.record(call);
    return { fate: "recorded" };
  } catch (error) {
    const { eventId, serviceId, operationName } = call;
    logger.error({ err: error, eventId, service: serviceId, operation: operationName }, "a call could not be recorded");
    return { fate: "record-failed", problem: error instanceof Error ? error : new Error(String(error)) };
  }
}

function learn({ identities, logger }: Settings, call: ApiCall): void {
  try {
    identities.learn(call);
  } catch (error) {
    logger.error({ err: error, eventId: call.eventId }, "identities could not learn from a call");
  }
}
