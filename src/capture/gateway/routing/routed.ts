import type { Operation, Service } from "../../../aws/catalogue/model.ts";
import type { Protocol } from "../../../aws/protocol.ts";
import type { Signature } from "../../../event/api-call.ts";
import type { Credential } from "../../identity/identities.ts";
import type { RequestHead } from "./request-head.ts";
import type { S3Address } from "./s3-address.ts";

/** What a request turns out to ask for, and in whose name. */
export interface Routed {
  readonly service: Service | undefined;
  /** Undefined where the catalogue does not know the operation. */
  readonly operation: Operation | undefined;
  /** Catalogue id where known, else the signing name, else the host's first label, else "unknown". */
  readonly serviceId: string;
  /** API name; for unknown operations the target's, the action, or `METHOD /path`. At most 256 characters. */
  readonly operationName: string;
  /** The protocol on the wire, which need not be the service's preferred one; a guess where the service is unknown. */
  readonly protocol: Protocol;
  /** Of the credential scope where there is one, else the service's own, else "". */
  readonly signingName: string;
  readonly region: string;
  readonly credential: Credential;
  readonly signature: Signature;
  readonly bearer: boolean;
  /** Present for S3 requests, whichever way they are addressed. */
  readonly s3: S3Address | undefined;
  /** Decoded labels of the operation's URI. */
  readonly labels: ReadonlyMap<string, string> | undefined;
  /** The request's body has to be read before the rest is known; `Router.routeBody` does that. */
  readonly awaits: "form" | "multipart" | undefined;
}

/** Finds the operation behind a request. Pure: the same head gives the same answer. */
export interface Router {
  route(head: RequestHead): Routed;
  /** The second step where `first.awaits` is set, with the beginning of the body. */
  routeBody(head: RequestHead, first: Routed, body: Uint8Array): Routed;
}
