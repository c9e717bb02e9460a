import { AwsError } from "../../aws/aws-error.ts";
import { encodeError } from "../../aws/codec/encode-error.ts";
import type { ClientAnswer } from "./downstream/client-answer.ts";
import type { ExchangeSettings } from "./exchange-settings.ts";
import { isS3Family, makeRequestId } from "./request-id.ts";
import type { RequestHead } from "./routing/request-head.ts";

/**
 * Refuses a call because as many as there may be are in progress: counted, not recorded, and answered with what AWS has for it
 * ("Error responses" in the Amazon S3 API Reference, "Common errors" elsewhere). SDKs wait longer each time and try again.
 */
export function refuseOverload({ router, metrics }: ExchangeSettings, head: RequestHead, answer: ClientAnswer): void {
  metrics.arrived();
  const routed = router.route(head);
  const isS3 = isS3Family(routed.serviceId);
  const error = isS3
    ? new AwsError("SlowDown", "Please reduce your request rate.", 503)
    : new AwsError("ServiceUnavailable", "Too many calls are in progress. Please try again later.", 503);
  metrics.settled("refused", "overload");
  metrics.finished(routed.service?.id ?? "unknown", "refused");
  const { status, headers, body } = encodeError(routed.protocol, error, {
    requestId: makeRequestId(isS3),
    service: routed.service,
    isS3,
    resource: head.path,
    head: head.method === "HEAD",
  });
  answer.head(status, undefined, headers);
  answer.end(body);
}
