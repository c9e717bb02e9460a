import type { Operation } from "../aws/catalogue/model.ts";
import type { TreeObject } from "../aws/tree.ts";
import type { Caller } from "./caller.ts";

/**
 * What a call's bodies say. Mostly decoded when it is first asked for, by accessors that a copy (`{ ...call }`) would lack: as
 * members of a class they make the compiler insist that whoever copies a call says what becomes of them.
 */
declare abstract class DecodedBodies {
  /** Input decoded by the model, members by Smithy name; undefined where it could not be decoded. S3 is left undecoded. */
  abstract get input(): TreeObject | undefined;
  /** Output decoded by the model; undefined on errors and where it could not be decoded. */
  abstract get output(): TreeObject | undefined;
}

/**
 * Everything known of one finished call: who, from where, what, when, what came of it. Each way into OpenTrail produces
 * these; `buildEvents` consumes them. Nothing in it is shortened or redacted yet.
 */
export interface ApiCall extends DecodedBodies {
  /** UUID, made on arrival; becomes `eventID`. */
  readonly eventId: string;
  /** The id that the service returned, or that was made in its stead and returned to the client. */
  readonly requestId: string;
  /** Epoch milliseconds: request head read; last byte of the answer. */
  readonly startedAt: number;
  readonly completedAt: number;
  /** Undefined where the catalogue does not know the operation. */
  readonly operation: Operation | undefined;
  /** Catalogue id where known, else what the wire says (signing name, host label), else "unknown". */
  readonly serviceId: string;
  readonly signingName: string;
  /** API operation name; for unknown operations what the wire says (target, action, or `METHOD /path`). */
  readonly operationName: string;
  /** Region of the credential scope (or host, or default). Global services are moved to us-east-1 by `event`. */
  readonly region: string;
  /** Account whose event this is: `recipientAccountId`. */
  readonly accountId: string;
  readonly caller: Caller;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  readonly signature: Signature;
  readonly tls: TlsFacts | undefined;
  readonly request: WireRequest;
  /** Undefined when no answer came from behind and none was made up for the client either (client gone before). */
  readonly response: WireResponse | undefined;
  readonly error: CallError | undefined;
  /** The VPC endpoint through which the call came. */
  readonly vpcEndpoint?: VpcEndpoint;
  /** Joins the copies of one event that several accounts receive; `sharedEventID` of each. */
  readonly sharedEventId?: string;
  /** Facts of our own that AWS has no member for; they go into `additionalEventData` under `opentrail`. */
  readonly notes?: Readonly<Record<string, string | number | boolean>>;
}

/** A call that says at once what its bodies say: a copy of it has that too. */
export type PlainCall = { readonly [Member in keyof ApiCall]: ApiCall[Member] };

export interface VpcEndpoint {
  /** `vpce-0a1b2c3d4e5f60718` */
  readonly id: string;
  /** The account that owns it. */
  readonly accountId: string;
  /** Its policy did not let the call through: the service never saw it. */
  readonly denied: boolean;
}

export interface Signature {
  readonly version: "SigV4" | "SigV4A" | "SigV2" | undefined;
  /** `header`: Authorization; `query`: presigned; `none`: anonymous or bearer. */
  readonly method: "header" | "query" | "none";
}

export interface TlsFacts {
  /** `TLSv1.3` */
  readonly version: string;
  /** OpenSSL spelling for 1.2, IANA name for 1.3. */
  readonly cipherSuite: string;
  readonly keyExchange?: string;
}

/** The request as it stood on the wire. */
export interface WireRequest {
  readonly method: string;
  /** Percent-encoded path without query. */
  readonly path: string;
  /** Decoded query parameters in order; a flag without `=` has the value "". */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Lower-case names; repeated lines joined with ", ". */
  readonly headers: ReadonlyMap<string, string>;
  readonly host: string;
  /** Bucket and key of an S3 request, whichever way it was addressed; undefined for other services. */
  readonly s3?: { readonly bucket: string | undefined; readonly key: string | undefined };
  /** The captured body, chunk framing removed; undefined where not captured. */
  readonly body: Uint8Array | undefined;
  /** The body was longer than the capture cap: `body` is its beginning. */
  readonly bodyTruncated: boolean;
  /** Octets of the body on the wire, chunk framing included. */
  readonly bodyBytes: number;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array | undefined;
  readonly bodyTruncated: boolean;
  /** Octets of the body that came from behind. */
  readonly bodyBytes: number;
  /** Epoch milliseconds of the answer's head. */
  readonly startedAt: number;
}

export interface CallError {
  /** Code as the wire had it, namespace and suffix cut off. */
  readonly code: string;
  readonly message: string | undefined;
  readonly status: number;
}
