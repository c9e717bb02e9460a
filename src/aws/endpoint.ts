import type { Readable } from "node:stream";
import type { Operation } from "./catalogue/model.ts";
import type { Principal } from "./principal.ts";
import type { Protocol } from "./protocol.ts";

/**
 * Something that answers AWS requests: an upstream over HTTP, the embedded account, or OpenTrail's own CloudTrail API.
 * The gateway treats them alike, so a call is recorded in the same way whoever answers it.
 *
 * `send` resolves when the answer's head is known. It MUST NOT throw for what AWS would answer with an error: that is an
 * answer. It throws `EndpointFailure` when there is no answer. It MUST stop and release everything when `signal` aborts,
 * and MUST NOT read `request.body` faster than it can pass it on.
 */
export interface Endpoint {
  send(request: EndpointRequest): Promise<EndpointResponse>;
  close(): Promise<void>;
}

export interface EndpointRequest {
  readonly method: string;
  /** Path and query exactly as received, percent-encoding untouched. */
  readonly target: string;
  /** Raw header lines, name and value in turn, as received, hop-by-hop lines removed. `Host` is the client's. */
  readonly headers: readonly string[];
  /** Whole where all of a short body has come already; undefined where the request has none. */
  readonly body: Readable | Uint8Array | undefined;
  readonly signal: AbortSignal;
  /** What `signal` tells, at a fraction of its cost. Calls `listener` at once where it is too late; gives what takes it back. */
  readonly whenGone?: (listener: () => void) => () => void;
  readonly context: CallContext;
  /** Signs the request anew for another host, in the caller's name; absent where nobody could or need do so. At most one call. */
  readonly forHost?: (host: string) => HostedRequest;
}

/** What of a request differs for another host. */
export interface HostedRequest {
  readonly target: string;
  readonly headers: readonly string[];
  /** Present where it has to go in the body's place. */
  readonly body?: Readable;
}

/** What the gateway has found out about the request before it passes it on. */
export interface CallContext {
  readonly operation: Operation | undefined;
  /** Catalogue id where known, else the signing name, else "". */
  readonly serviceId: string;
  /** API operation name, "" where the wire does not say. */
  readonly operationName: string;
  /** The wire's protocol: errors are rendered in it. */
  readonly protocol?: Protocol;
  /** Bucket and decoded key of an S3 request, whichever way it was addressed. */
  readonly s3?: { readonly bucket: string | undefined; readonly key: string | undefined };
  readonly region: string;
  /** The caller's account. */
  readonly accountId: string;
  readonly accessKeyId: string | undefined;
  readonly callerArn: string | undefined;
  /** The caller's unique id as GetCallerIdentity tells it (`AIDA…`, `AROA…:SESSION`), where it is known. */
  readonly callerId?: string;
  /** The AWS service that calls by itself: `cloudtrail.amazonaws.com`; absent for everybody else. */
  readonly servicePrincipal?: string;
  /** The caller as its policies see it; absent where it has none, as unknown callers. */
  readonly principal?: Principal;
  /** The client's address, as far as trusted proxies told it. */
  readonly sourceIp?: string;
  /** How the client reaches the gateway, for answers that hold URLs; `http` unless told. */
  readonly scheme?: "http" | "https";
  /** Id that an endpoint of our own must answer with; foreign ones bring theirs. */
  readonly requestId: string;
}

export interface EndpointResponse {
  readonly status: number;
  readonly statusText?: string;
  readonly headers: readonly string[];
  readonly body: Readable | Uint8Array | undefined;
}

/** No answer came. `reason` decides what the caller is told; the message says what happened, for the log. */
export class EndpointFailure extends Error {
  readonly reason: "unreachable" | "timeout" | "aborted" | "cut-off";

  constructor(reason: EndpointFailure["reason"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EndpointFailure";
    this.reason = reason;
  }
}
