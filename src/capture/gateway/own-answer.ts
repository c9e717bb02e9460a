import type { AwsError } from "../../aws/aws-error.ts";
import { encodeError } from "../../aws/codec/encode-error.ts";
import type { WireResponse } from "../../event/api-call.ts";
import type { AnswerSender } from "./answer-sender.ts";
import type { CallRecording } from "./call-recording.ts";
import { isS3Family } from "./request-id.ts";
import { joinHeaders } from "./routing/header-lines.ts";
import type { RequestHead } from "./routing/request-head.ts";

/** An error of the gateway's own as an answer in the caller's protocol. */
export class OwnAnswer {
  readonly #encoded: ReturnType<typeof encodeError>;

  constructor(error: AwsError, head: RequestHead, { routed, requestId }: CallRecording) {
    const isS3 = isS3Family(routed.serviceId);
    const parts = { requestId, service: routed.service, isS3, resource: head.path, head: head.method === "HEAD" };
    this.#encoded = encodeError(routed.protocol, error, parts);
  }

  /** As the record has it; `now` in epoch milliseconds. */
  response(now: number): WireResponse {
    const { status, headers, body } = this.#encoded;
    return { status, headers: joinHeaders(headers), body, bodyTruncated: false, bodyBytes: 0, startedAt: now };
  }

  async send(sender: AnswerSender): Promise<void> {
    const { status, headers, body } = this.#encoded;
    try {
      sender.head(status, undefined, headers);
    } catch {
      return sender.cut();
    }
    await sender.end(body);
  }
}
