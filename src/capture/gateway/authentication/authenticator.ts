import type { Readable } from "node:stream";
import type { AwsError } from "../../../aws/aws-error.ts";
import type { HostedRequest } from "../../../aws/endpoint.ts";
import type { RequestBody } from "../request-body.ts";
import type { RequestHead } from "../routing/request-head.ts";
import type { Routed } from "../routing/routed.ts";

/** A request whose head has come, and what the router made of it. */
export interface ArrivedRequest {
  readonly head: RequestHead;
  readonly routed: Routed;
  /** Nothing of it has been handed on yet; its beginning may have been peeked at. */
  readonly body: RequestBody | undefined;
}

/** A request that its key's holder signed, as far as that shows before its body has passed. */
export interface VerifiedRequest {
  /**
   * What is to be passed on in the body's place: the same bytes, the last of which come only when all of them are found to be
   * what was signed. Fails with `refusal` else. Undefined where the body passes as it is.
   */
  readonly checkedBody: Readable | undefined;
  /** Why the body is not what was signed; undefined while that has not shown. */
  readonly refusal: AwsError | undefined;
  /** The request as the same caller would have signed it for another host; undefined where nothing needs a new signature. */
  readonly forHost: ((host: string) => HostedRequest) | undefined;
}

/** Decides whether a request comes from whom it says. */
export interface Authenticator {
  /**
   * Rejects with the `AwsError` that AWS answers with where it does not. Requests without a signature pass where AWS takes
   * such, with `forHost` undefined.
   */
  authenticate(request: ArrivedRequest): Promise<VerifiedRequest>;
}
