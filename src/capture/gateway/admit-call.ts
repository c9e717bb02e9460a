import type { ApiCall } from "../../event/api-call.ts";
import { type Admission, RecordingUnavailable } from "../recorder.ts";
import { capturesRequestBody } from "./capture-policy.ts";
import type { ClientPresence } from "./client-presence.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import type { RequestBody } from "./request-body.ts";
import type { RequestHead } from "./routing/request-head.ts";
import type { Routed } from "./routing/routed.ts";

/** Bytes up to which a body is read whole before its call leaves, so that its intent says what the call is about. */
const INTENT_BODY_BYTES = 256 * 1024;

type Settings = Pick<GatewayOptions, "recorder" | "recording" | "logger">;

export interface ArrivedCall {
  readonly eventId: string;
  readonly head: RequestHead;
  readonly routed: Routed;
  readonly body: RequestBody | undefined;
  readonly client: ClientPresence;
  /** The call is refused here: it will not leave. */
  readonly refused: boolean;
  /** Makes what is known of the call so far. */
  readonly soFar: () => ApiCall;
}

/**
 * Asks the recorder to admit a wanted call. A call that changes something is read first, where its body is short, and
 * leaves an intent. Gives `RecordingUnavailable` where the call must not leave. Never rejects.
 */
export async function admitCall(settings: Settings, call: ArrivedCall): Promise<Admission | RecordingUnavailable> {
  const { recorder, recording, logger } = settings;
  const { routed, body, client } = call;
  const intends = !call.refused && recorder.intends(routed);
  if (intends && body !== undefined) {
    const length = bodyBefore(call);
    if (length > body.bytes) await body.peek(length);
  }
  // What is broken off before it leaves has no effect that an intent could save.
  const leaves = !client.gone && body?.failure === undefined;
  try {
    return await recorder.admit(intends && leaves ? call.soFar : undefined);
  } catch (error) {
    const problem = asUnavailable(error);
    const { reason, message } = problem;
    // Where all are refused, one line each would be a second outage: the recorder says it once.
    logger.debug({ reason, cause: message, eventId: call.eventId }, "a call cannot be recorded");
    return recording === "best-effort" ? recorder.waive() : problem;
  }
}

/** How much of the body is to be read before the call leaves. */
function bodyBefore({ head, routed }: ArrivedCall): number {
  if (!capturesRequestBody(routed)) return 0;
  if (!head.headers.has("transfer-encoding")) {
    const length = Number(head.headers.get("content-length") ?? 0);
    return length <= INTENT_BODY_BYTES ? length : 0;
  }
  // Of no known length, but no stream either: nobody who knows the operation waits for an answer in the middle of it.
  return routed.operation === undefined ? 0 : INTENT_BODY_BYTES;
}

function asUnavailable(error: unknown): RecordingUnavailable {
  if (error instanceof RecordingUnavailable) return error;
  return new RecordingUnavailable("internal", error instanceof Error ? error.message : String(error), { cause: error });
}
