import { randomUUID } from "node:crypto";
import { AwsError } from "../../aws/aws-error.ts";
import type { ApiCall } from "../../event/api-call.ts";
import type { Admission } from "../recorder.ts";
import { callContext } from "./call-context.ts";
import type { ExchangeSettings } from "./exchange-settings.ts";
import type { RequestHead } from "./routing/request-head.ts";
import type { Visit, VisitArrival } from "./visit.ts";

const MOST_QUERY = 512;

export type VisitSettings = Pick<
  ExchangeSettings,
  "router" | "identities" | "authenticator" | "sources" | "clock" | "catalogue" | "recorder" | "recording" | "logger"
>;

/**
 * Who asks for one of OpenTrail's own paths. The request is signed for `cloudtrail`, as calls to its API are, and has no body. Rejects with
 * the `AwsError` that AWS has for a signature that does not hold, or for none.
 */
export async function openVisit(settings: VisitSettings, head: RequestHead, arrival: VisitArrival): Promise<Visit> {
  const { router, identities, authenticator, sources, clock } = settings;
  const startedAt = clock.now();
  const routed = router.route(head);
  if (routed.signature.method === "none" || routed.credential.accessKeyId === undefined)
    throw new AwsError("MissingAuthenticationTokenException", "Missing Authentication Token", 403);
  if (routed.signingName !== "cloudtrail")
    throw new AwsError("InvalidSignatureException", "Credential should be scoped to correct service: 'cloudtrail'.", 403);
  await authenticator?.authenticate({ head, routed, body: undefined });

  const { caller, accountId } = identities.resolve(routed.credential);
  const { tls } = arrival;
  const sourceIp = sources.of(arrival.remoteAddress, head.headers.get("x-forwarded-for"));
  const requestId = randomUUID();
  const { region, signature } = routed;
  const call = (refusal: AwsError | undefined): ApiCall => ({
    eventId: randomUUID(),
    requestId,
    startedAt,
    completedAt: clock.now(),
    operation: settings.catalogue.service("cloudtrail")?.operation("LookupEvents"),
    serviceId: "cloudtrail",
    signingName: "cloudtrail",
    operationName: "LookupEvents",
    region,
    accountId,
    caller,
    sourceIp,
    userAgent: head.headers.get("user-agent"),
    signature,
    tls,
    request: {
      method: head.method,
      path: head.path,
      query: [],
      headers: head.headers,
      host: head.headers.get("host") ?? "",
      body: undefined,
      bodyTruncated: false,
      bodyBytes: 0,
    },
    response: undefined,
    input: undefined,
    output: undefined,
    error: refusal === undefined ? undefined : { code: refusal.code, message: refusal.message, status: refusal.status },
    notes: { path: head.path.slice(0, MOST_QUERY), ...queryNote(head) },
  });
  return {
    context: callContext(routed, { caller, accountId }, { requestId, encrypted: tls !== undefined, sourceIp }),
    record: async (refusal) => await record(settings, call(refusal)),
  };
}

async function record({ recorder, recording, logger }: VisitSettings, call: ApiCall): Promise<void> {
  let admission: Admission | undefined;
  try {
    admission = await recorder.admit();
    await admission.record(call);
  } catch (error) {
    logger.error({ err: error, eventId: call.eventId }, "a reading of events could not be recorded");
    if (recording !== "best-effort") throw error;
    recorder.missed(call, error instanceof Error ? error : new Error(String(error)));
  }
}

/** What was asked for, without what carries a signature and the place in the pages. */
function queryNote({ query }: RequestHead): { readonly query?: string } {
  const asked = query.filter(([name]) => !/^x-amz-|^nexttoken$/i.test(name));
  const text = asked.map(([name, value]) => `${name}=${value}`).join("&");
  return text === "" ? {} : { query: text.slice(0, MOST_QUERY) };
}
