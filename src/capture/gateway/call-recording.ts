import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import type { ApiCall, CallError, WireResponse } from "../../event/api-call.ts";
import type { ResolvedCaller } from "../identity/identities.ts";
import { type Admission, RecordingUnavailable, type RefusalReason } from "../recorder.ts";
import { admitCall } from "./admit-call.ts";
import { capturesRequestBody } from "./capture-policy.ts";
import type { ClientPresence } from "./client-presence.ts";
import { concludeCall } from "./conclude-call.ts";
import type { ExchangeSettings } from "./exchange-settings.ts";
import { FinishedCall } from "./finished-call.ts";
import type { Fate } from "./gateway-metrics.ts";
import type { RequestBody } from "./request-body.ts";
import { RequestCapture } from "./request-capture.ts";
import { isS3Family, makeRequestId } from "./request-id.ts";
import type { RequestHead } from "./routing/request-head.ts";
import type { Routed } from "./routing/routed.ts";
import { tlsFacts } from "./tls-facts.ts";

/** What came of a call. */
export interface CallResult {
  readonly response: WireResponse | undefined;
  readonly error: CallError | undefined;
  readonly notes?: NonNullable<ApiCall["notes"]>;
}

/** One call as its record will tell it: what is known so far, what is captured of it, and what becomes of its record. */
export class CallRecording {
  readonly eventId = randomUUID();
  readonly sourceIp: string;
  readonly tls: ApiCall["tls"];
  routed: Routed;
  resolved: ResolvedCaller;
  /** The service's own once it has answered, one of ours until then. */
  requestId: string;
  /** The request was handed to its endpoint: it may have its effect. */
  left = false;
  /** The VPC endpoint through which it came does not let it pass. */
  deniedByVpcEndpoint = false;
  readonly #settings: ExchangeSettings;
  readonly #head: RequestHead;
  readonly #body: RequestBody | undefined;
  readonly #capture: RequestCapture;
  readonly #startedAt: number;
  /** Of a call that the recorder wants. */
  #admission: Admission | undefined;
  /** What was made for the intent; its input holds for the event as long as no more of the body has come. */
  #earlier: FinishedCall | undefined;
  #settled = false;
  #wanted = false;
  #kept = false;

  constructor(settings: ExchangeSettings, head: RequestHead, body: RequestBody | undefined, socket: Socket) {
    const { bounds, clock, sources, router, identities } = settings;
    this.#settings = settings;
    this.#head = head;
    this.#body = body;
    this.#capture = new RequestCapture(head.headers, bounds.bodyCapture);
    this.#startedAt = clock.now();
    this.sourceIp = sources.of(socket.remoteAddress, head.headers.get("x-forwarded-for"));
    this.tls = tlsFacts(socket);
    this.routed = router.route(head);
    this.resolved = identities.resolve(this.routed.credential);
    this.requestId = makeRequestId(isS3Family(this.routed.serviceId));
  }

  /** The call is captured: for the recorder, for the identities, or for both. */
  get kept(): boolean {
    return this.#kept;
  }

  /** What became of its record is counted. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Begins to capture what the record needs. @param short the body is read whole first, up to so many octets. */
  async capture(short: number | undefined): Promise<void> {
    const { recorder, identities, vpcEndpoint } = this.#settings;
    const { routed } = this;
    this.#wanted = recorder.wants(routed, vpcEndpoint !== undefined);
    // An endpoint's policy may ask for what stands in the body.
    this.#kept = this.#wanted || vpcEndpoint?.check !== undefined || (identities.learnsFrom?.(routed) ?? false);
    if (this.#body === undefined) return;
    const keeps = this.#kept && capturesRequestBody(routed);
    this.#body.tapInto(this.#capture.tap(keeps), keeps);
    if (short !== undefined) await this.#body.peek(short);
  }

  /**
   * Asks for what the call needs to be recorded, before it leaves. Resolves with the problem where it must not leave; the call is
   * settled then.
   *
   * @param refused it is refused here, and will not leave anyway.
   */
  async admit(client: ClientPresence, refused: boolean): Promise<RecordingUnavailable | undefined> {
    const { eventId, routed } = this;
    if (!this.#wanted) return undefined;
    const admitted = await admitCall(this.#settings, {
      eventId,
      head: this.#head,
      routed,
      body: this.#body,
      client,
      refused,
      soFar: () => this.soFar(),
    });
    if (admitted instanceof RecordingUnavailable) {
      this.settle("refused", admitted.reason);
      return admitted;
    }
    this.#admission = admitted;
    return undefined;
  }

  /** What is known of the call before it leaves. */
  soFar(): ApiCall {
    return this.#finished({ response: undefined, error: undefined });
  }

  /** Records the call, once. Resolves with the problem for which the answer must be withheld. */
  async conclude(result: CallResult): Promise<Error | undefined> {
    if (!this.#kept) {
      this.settle("not-selected");
      return undefined;
    }
    const { fate, problem } = await concludeCall(this.#settings, this.#finished(result), this.#admission);
    this.settle(fate);
    return problem;
  }

  /** The call never left: it had no effect, and nobody is there to be told. */
  async withdraw(): Promise<void> {
    this.settle(this.#kept ? "never-left" : "not-selected");
    await this.#admission?.withdraw();
  }

  /** Nobody can say what became of the call. */
  async abandon(): Promise<void> {
    if (this.#settled) return;
    this.settle("record-failed");
    await this.#admission?.abandon();
  }

  settle(fate: Fate, refusal?: RefusalReason): void {
    this.#settled = true;
    this.#settings.metrics.settled(fate, refusal);
  }

  #finished({ response, error, notes }: CallResult): ApiCall {
    const { clock, identities, logger, vpcEndpoint } = this.#settings;
    const { operation, serviceId, signingName, operationName, region, signature, s3 } = this.routed;
    const { method, path, query, headers } = this.#head;
    const bodyBytes = this.#body?.bytes ?? 0;
    const { body, bodyTruncated } = this.#capture.captured();
    const shown = this.#capture.withTrailers(headers);
    const host = headers.get("host") ?? "";
    const request = { method, path, query, headers: shown, host, body, bodyTruncated, bodyBytes };
    const earlier = this.#earlier?.request.bodyBytes === bodyBytes ? this.#earlier : undefined;
    const call = new FinishedCall(
      {
        eventId: this.eventId,
        requestId: this.requestId,
        startedAt: this.#startedAt,
        completedAt: clock.now(),
        operation,
        serviceId,
        signingName,
        operationName,
        region,
        sourceIp: this.sourceIp,
        userAgent: headers.get("user-agent"),
        signature,
        tls: this.tls,
        request: s3 === undefined ? request : { ...request, s3 },
        response,
        error,
        ...(notes !== undefined && { notes }),
        ...(vpcEndpoint !== undefined && {
          vpcEndpoint: { id: vpcEndpoint.id, accountId: vpcEndpoint.accountId, denied: this.deniedByVpcEndpoint },
        }),
      },
      this.routed,
      this.resolved,
      earlier,
      (err) =>
        logger.debug({ err, eventId: this.eventId, service: serviceId, operation: operationName }, "a body could not be decoded"),
    );
    const refined = identities.refine?.(this.resolved, call);
    if (refined !== undefined) call.madeBy(refined);
    this.#earlier = call;
    return call;
  }
}
