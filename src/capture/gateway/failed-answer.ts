import type { AwsError } from "../../aws/aws-error.ts";
import { EndpointFailure } from "../../aws/endpoint.ts";
import { errorOfFailure, internalFailure } from "./gateway-error.ts";
import type { Outcome } from "./gateway-metrics.ts";

/** What is told of an endpoint that gave no answer, or not all of it. */
export interface FailedAnswer {
  /** To the caller. */
  readonly error: AwsError;
  /** In the record: `upstreamFailure`. */
  readonly reason: string;
  readonly outcome: Outcome;
  /** Undefined: a mistake of ours, for endpoints fail with `EndpointFailure`. */
  readonly failure: EndpointFailure | undefined;
}

export function failedAnswer(error: unknown, isS3: boolean): FailedAnswer {
  if (!(error instanceof EndpointFailure))
    return { error: internalFailure(isS3), reason: "internal", outcome: "failed", failure: undefined };
  const { reason } = error;
  return { error: errorOfFailure(error, isS3), reason, outcome: reason === "aborted" ? "failed" : reason, failure: error };
}
