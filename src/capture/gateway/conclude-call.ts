import type { ApiCall } from "../../event/api-call.ts";
import { failedBeforeAuthentication } from "../../event/event-error.ts";
import type { Admission } from "../recorder.ts";
import type { Fate } from "./gateway-metrics.ts";
import type { GatewayOptions } from "./gateway-options.ts";

type Settings = Pick<GatewayOptions, "recorder" | "recording" | "identities" | "recordUnauthenticated" | "logger">;

export interface Conclusion {
  readonly fate: Fate;
  /** Why the answer must be withheld: the event is not durable although it has to be. */
  readonly problem?: Error;
}

const RECORDED: Conclusion = { fate: "recorded" };
const NOT_SELECTED: Conclusion = { fate: "not-selected" };
const UNAUTHENTICATED: Conclusion = { fate: "unauthenticated" };

/**
 * Records a finished call if it is to be recorded, then lets the identities learn from it: before the client has the
 * answer, so that the first use of a new key finds its owner. Never rejects.
 *
 * @param admission undefined where the recorder does not want the call: it is here for the identities alone.
 */
export async function concludeCall(settings: Settings, call: ApiCall, admission: Admission | undefined): Promise<Conclusion> {
  let conclusion = NOT_SELECTED;
  if (admission !== undefined && settings.recordUnauthenticated !== true && failedBeforeAuthentication(call.error)) {
    await admission.withdraw();
    conclusion = UNAUTHENTICATED;
  } else if (admission !== undefined) {
    try {
      if (await admission.record(call)) conclusion = RECORDED;
    } catch (error) {
      conclusion = failed(settings, call, error);
    }
  }
  const learned = learn(settings, call);
  if (learned !== undefined) await learned;
  return conclusion;
}

function failed({ recorder, recording, logger }: Settings, call: ApiCall, error: unknown): Conclusion {
  const { eventId, serviceId, operationName } = call;
  logger.error({ err: error, eventId, service: serviceId, operation: operationName }, "a call could not be recorded");
  const problem = error instanceof Error ? error : new Error(String(error));
  if (recording !== "best-effort") return { fate: "record-failed", problem };
  recorder.missed(call, problem);
  return { fate: "record-failed" };
}

function learn({ identities, logger }: Settings, call: ApiCall): Promise<void> | void {
  try {
    return identities.learn(call);
  } catch (error) {
    logger.error({ err: error, eventId: call.eventId }, "identities could not learn from a call");
  }
}
