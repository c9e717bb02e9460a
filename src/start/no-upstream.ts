import { AwsError } from "../aws/aws-error.ts";
import { encodeError } from "../aws/codec/encode-error.ts";
import type { Endpoint } from "../aws/endpoint.ts";

/** Answers for services that no upstream is configured for: an error that says how to configure one. */
export const noUpstream: Endpoint = {
  async send({ method, context }) {
    const error = new AwsError(
      "ServiceUnavailable",
      `OpenTrail has no upstream for ${context.serviceId || "this service"}. Start it with --upstream URL or --upstream ${context.serviceId || "SERVICE"}=URL.`,
      503,
    );
    const { status, headers, body } = encodeError(context.protocol ?? "restXml", error, {
      requestId: context.requestId,
      service: context.operation?.service,
      head: method === "HEAD",
    });
    return { status, headers, body };
  },
  close: async () => undefined,
};
