import type { AwsError } from "../../aws/aws-error.ts";
import type { CallContext } from "../../aws/endpoint.ts";
import type { TlsFacts } from "../../event/api-call.ts";

/** A signed request for one of OpenTrail's own paths, by which its caller reads events. */
export interface Visit {
  readonly context: CallContext;
  /**
   * Puts the reading on record as a LookupEvents of the caller, as which it is permitted; `refusal` is what it was refused
   * with. Rejects where it must not go on, because it cannot be recorded.
   */
  record(refusal: AwsError | undefined): Promise<void>;
}

/** The visitor's connection. */
export interface VisitArrival {
  readonly remoteAddress: string | undefined;
  readonly tls: TlsFacts | undefined;
}
