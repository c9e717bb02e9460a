import type { IncomingMessage, ServerResponse } from "node:http";
import type { AwsError } from "../../aws/aws-error.ts";
import type { CallContext, Endpoint } from "../../aws/endpoint.ts";
import type { Catalogue } from "../../aws/catalogue/model.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { ApiCall } from "../../event/api-call.ts";
import type { Identities } from "../identity/identities.ts";
import type { Recorder } from "../recorder.ts";
import type { Authenticator } from "./authentication/authenticator.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { Visit, VisitArrival } from "./visit.ts";

export interface GatewayOptions {
  readonly listen: ListenPlace;
  /** PEM texts; given, the gateway speaks HTTPS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly catalogue: Catalogue;
  /** Region of requests that name none. */
  readonly defaultRegion: string;
  /** Host names below which a bucket may stand in front, besides AWS's own. */
  readonly s3HostSuffixes: readonly string[];
  /** Chooses who answers a call. */
  readonly endpointFor: (context: CallContext) => Endpoint;
  readonly identities: Identities;
  /** Checks signatures; without one, every access key is believed. */
  readonly authenticator?: Authenticator;
  readonly recorder: Recorder;
  /**
   * Answers what stands below `/_opentrail/`; such requests are neither forwarded nor recorded. `visit` tells who signed the
   * request, and rejects with the `AwsError` that AWS has for it where nobody did; `arrival` where it came from.
   */
  readonly ownPaths: (
    message: IncomingMessage,
    response: ServerResponse,
    visit: () => Promise<Visit>,
    arrival: () => VisitArrival,
  ) => void;
  /** `required`: no answer without a durable event. `best-effort`: answers pass, what is lost is counted. */
  readonly recording?: "required" | "best-effort";
  /** Whoever calls here comes through this VPC endpoint. */
  readonly vpcEndpoint?: VpcEndpointDoor;
  /** Record calls that fail to authenticate too; AWS does not. */
  readonly recordUnauthenticated?: boolean;
  /** Addresses or networks whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
  readonly limits?: Partial<GatewayLimits>;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
}

/** An address, or the path of a Unix socket, which whoever may open it can call through. */
export type ListenPlace = { readonly host: string; readonly port: number } | { readonly path: string };

export interface VpcEndpointDoor {
  readonly id: string;
  /** The account that owns it. */
  readonly accountId: string;
  /**
   * The error for a call that its policy does not let through; undefined for one that may pass. `call` is what is known before it
   * leaves. Absent: it has no policy.
   */
  readonly check?: (call: ApiCall, context: CallContext) => Promise<AwsError | undefined>;
}

export interface GatewayLimits {
  /** Bytes of a request's or an answer's body that are kept for the record. */
  readonly bodyCapture: number;
  /** Bytes of an answer that are held until its event is durable; longer answers flow, all but their end. */
  readonly heldAnswer: number;
  /** Bytes of a request's head. */
  readonly requestHead: number;
  /** Milliseconds for a request's head to arrive. */
  readonly headTimeout: number;
  /** Milliseconds between two pieces of a request's body. */
  readonly bodyIdleTimeout: number;
  /** Milliseconds for a client to take what was sent. */
  readonly answerStallTimeout: number;
  /** Calls in progress at once; more are refused. */
  readonly calls: number;
  /** Octets of request bodies that calls in progress keep for their records, as announced; calls beyond that are refused. */
  readonly keptBodies: number;
  /** Connections at once; more are closed as they come. */
  readonly connections: number;
  /** Milliseconds that a client which has closed its half of the connection is still waited upon. */
  readonly halfClosedTimeout: number;
  /** Milliseconds that an idle connection is kept. */
  readonly keepAlive: number;
  /** Milliseconds that `close` waits for calls in progress. */
  readonly closeTimeout: number;
}

export const defaultLimits: GatewayLimits = {
  bodyCapture: 1024 * 1024,
  heldAnswer: 1024 * 1024,
  // S3 allows 8 KB of headers, Lambda 20 KB of client context; a session token has some kilobytes.
  requestHead: 64 * 1024,
  headTimeout: 60_000,
  bodyIdleTimeout: 60_000,
  answerStallTimeout: 120_000,
  // Long polls hold a call for 20 seconds each; 128 connections lead to each upstream.
  calls: 1024,
  keptBodies: 256 * 1024 * 1024,
  connections: 10_000,
  halfClosedTimeout: 60_000,
  // Longer than the SDKs keep theirs (5 to 60 s), so that it is the client that closes.
  keepAlive: 75_000,
  closeTimeout: 30_000,
};
