import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { decodeError } from "../../aws/codec/decode-error.ts";
import { encodeError } from "../../aws/codec/encode-error.ts";
import type { AwsError } from "../../aws/aws-error.ts";
import { EndpointFailure, type EndpointResponse } from "../../aws/endpoint.ts";
import type { ApiCall, CallError, WireResponse } from "../../event/api-call.ts";
import type { ResolvedCaller } from "../identity/identities.ts";
import { AnswerBody } from "./answer-body.ts";
import { AnswerHead, isBodiless } from "./answer-head.ts";
import { AnswerSender, ClientGone } from "./answer-sender.ts";
import { callContext } from "./call-context.ts";
import { capturesAnswerBody, capturesRequestBody } from "./capture-policy.ts";
import { concludeCall, type Conclusion } from "./conclude-call.ts";
import type { ExchangeSettings } from "./exchange-settings.ts";
import { decodedParts, finishedCall, type WireCall } from "./finished-call.ts";
import { errorOfFailure, internalFailure, recordingUnavailable, requestTimedOut } from "./gateway-error.ts";
import type { Fate, Outcome } from "./gateway-metrics.ts";
import { RequestBody } from "./request-body.ts";
import { RequestCapture } from "./request-capture.ts";
import { isS3Family, makeRequestId } from "./request-id.ts";
import { endToEndLines, joinHeaders } from "./routing/header-lines.ts";
import type { RequestHead } from "./routing/request-head.ts";
import type { Routed } from "./routing/routed.ts";
import { UPLOAD_FIELDS_MAX } from "./routing/upload-form.ts";
import { tlsFacts } from "./tls-facts.ts";
import { unlessAborted } from "./unless-aborted.ts";

type Notes = NonNullable<ApiCall["notes"]>;

/** What came of a call. */
interface Result {
  readonly response: WireResponse | undefined;
  readonly error: CallError | undefined;
  readonly notes?: Notes;
}

/** S3 begins these answers before it knows how they end: an error may stand below status 200. */
const lateErrors = new Set(["CopyObject", "UploadPartCopy", "CompleteMultipartUpload"]);

/**
 * One call, from its head to the end of its answer:
 *
 * 1. route, resolve the caller, ask the recorder whether it wants the call and can take it;
 * 2. pass the request on, its body as fast as the endpoint takes it;
 * 3. hold the answer, or, when it is long, its end;
 * 4. record the call: once, whatever came of it;
 * 5. release the answer if the event is durable, refuse or cut it if not.
 */
export class Exchange {
  readonly #settings: ExchangeSettings;
  readonly #head: RequestHead;
  readonly #message: IncomingMessage;
  readonly #sender: AnswerSender;
  readonly #gone = new AbortController();
  readonly #body: RequestBody | undefined;
  readonly #capture: RequestCapture;
  readonly #arrival: Pick<ApiCall, "eventId" | "startedAt" | "sourceIp" | "tls">;
  #routed: Routed;
  #resolved: ResolvedCaller;
  #requestId: string;
  /** The recorder wants the call. */
  #wanted = false;
  /** What became of its record is counted. */
  #settled = false;
  /** The call is captured: for the recorder, for the identities, or for both. */
  #kept = false;

  constructor(
    settings: ExchangeSettings,
    head: RequestHead,
    message: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
  ) {
    const { bounds, clock, sources, router, identities } = settings;
    this.#settings = settings;
    this.#head = head;
    this.#message = message;
    this.#sender = new AnswerSender(response, this.#gone.signal, bounds.answerStallTimeout);
    const hasBody = head.headers.has("transfer-encoding") || Number(head.headers.get("content-length") ?? 0) > 0;
    const onFirstRead = (): void => {
      if (expectsContinue && !response.headersSent) response.writeContinue();
    };
    this.#body = hasBody ? new RequestBody(message, { onFirstRead, idleTimeout: bounds.bodyIdleTimeout }) : undefined;
    this.#capture = new RequestCapture(head.headers, bounds.bodyCapture);
    this.#arrival = {
      eventId: randomUUID(),
      startedAt: clock.now(),
      sourceIp: sources.of(message.socket.remoteAddress, head.headers.get("x-forwarded-for")),
      tls: tlsFacts(message.socket),
    };
    this.#routed = router.route(head);
    this.#resolved = identities.resolve(this.#routed.credential);
    this.#requestId = makeRequestId(this.#isS3);
  }

  /** Resolves when the answer is out, or the connection closed. Never rejects. */
  async run(): Promise<void> {
    const { metrics, logger } = this.#settings;
    const { socket } = this.#message;
    const onClose = (): void => this.#gone.abort(new EndpointFailure("aborted", "the client went away"));
    metrics.arrived();
    if (socket.destroyed) onClose();
    else socket.once("close", onClose);
    let outcome: Outcome = "failed";
    try {
      outcome = await this.#answerCall();
    } catch (error) {
      logger.error(
        { err: error, eventId: this.#arrival.eventId, service: this.#routed.serviceId },
        "a call could not be answered",
      );
      if (!this.#settled) this.#settle("record-failed");
      if (this.#sender.started) this.#sender.cut();
      else await this.#send(internalFailure(this.#isS3)).catch(() => this.#sender.cut());
    } finally {
      socket.off("close", onClose);
      this.#body?.discard();
      metrics.finished(this.#routed.service?.id ?? "unknown", outcome);
    }
  }

  get #isS3(): boolean {
    return isS3Family(this.#routed.serviceId);
  }

  async #answerCall(): Promise<Outcome> {
    const { recorder, identities, recording, logger } = this.#settings;
    await this.#finishRouting();
    this.#wanted = recorder.wants(this.#routed);
    this.#kept = this.#wanted || (identities.learnsFrom?.(this.#routed) ?? false);
    this.#body?.tapInto(this.#capture.tap(this.#kept && capturesRequestBody(this.#routed)));
    if (this.#wanted && recorder.admit !== undefined) {
      try {
        await recorder.admit(() => this.#finished({ response: undefined, error: undefined }));
      } catch (error) {
        logger.error({ err: error, eventId: this.#arrival.eventId }, "a call cannot be recorded");
        if (recording !== "best-effort") {
          this.#settle("refused");
          await this.#send(recordingUnavailable(reasonOf(error), false));
          return "refused";
        }
      }
    }
    let answer: EndpointResponse;
    try {
      answer = await this.#ask();
    } catch (error) {
      return this.#failed(error, undefined);
    }
    return this.#passOn(answer);
  }

  /** Reads as much of the body as it takes to know the operation. */
  async #finishRouting(): Promise<void> {
    const { router, identities, bounds } = this.#settings;
    const { awaits } = this.#routed;
    if (awaits === undefined || this.#body === undefined) return;
    const beginning = await this.#body.peek(awaits === "form" ? bounds.bodyCapture : UPLOAD_FIELDS_MAX);
    this.#routed = router.routeBody(this.#head, this.#routed, beginning);
    this.#resolved = identities.resolve(this.#routed.credential);
  }

  async #ask(): Promise<EndpointResponse> {
    if (this.#body?.failure !== undefined) throw this.#body.failure;
    const { signal } = this.#gone;
    signal.throwIfAborted();
    const context = callContext(this.#routed, this.#resolved, {
      requestId: this.#requestId,
      encrypted: this.#arrival.tls !== undefined,
    });
    const asked = this.#settings.endpointFor(context).send({
      method: this.#head.method,
      target: this.#head.target,
      headers: endToEndLines(this.#head.rawHeaders),
      body: this.#body,
      signal,
      context,
    });
    return unlessAborted(asked, signal, ({ body }) => new AnswerBody(body, undefined).drop());
  }

  async #passOn(answer: EndpointResponse): Promise<Outcome> {
    const { bounds, clock } = this.#settings;
    const startedAt = clock.now();
    const head = new AnswerHead(answer, this.#routed, this.#requestId);
    const bodiless = this.#head.method === "HEAD" || isBodiless(answer.status);
    const captures = this.#kept && capturesAnswerBody(this.#routed, answer.status);
    const body = new AnswerBody(answer.body, captures ? bounds.bodyCapture : undefined);
    const drop = (): void => body.drop();
    if (bodiless) drop();
    this.#gone.signal.addEventListener("abort", drop, { once: true });
    const response = (): WireResponse => {
      const { requestId, headers } = head.settle(body.captured);
      this.#requestId = requestId;
      const { captured, truncated, bytes } = body;
      return { status: head.status, headers, body: captured, bodyTruncated: truncated, bodyBytes: bytes, startedAt };
    };
    let held: readonly Uint8Array[];
    try {
      held = await this.#flow(head, body, bodiless);
    } catch (error) {
      drop();
      return await this.#failed(error, response());
    } finally {
      this.#gone.signal.removeEventListener("abort", drop);
    }
    const whole = response();
    const problem = await this.#conclude({ response: whole, error: this.#errorOf(whole) });
    if (problem !== undefined) return this.#withhold(problem);
    return this.#release(head, body, held);
  }

  /** Reads the body to its end and sends what may be sent before the event is durable. Gives what was held back. */
  async #flow(head: AnswerHead, body: AnswerBody, bodiless: boolean): Promise<readonly Uint8Array[]> {
    if (bodiless) return [];
    const limit = this.#settings.bounds.heldAnswer;
    const lastChunks = head.isEventStream || !this.#kept ? 0 : 1;
    if (lastChunks === 0 || (head.contentLength ?? 0) > limit) this.#begin(head, body);
    const held: Uint8Array[] = [];
    let heldBytes = 0;
    for await (const chunk of body.chunks()) {
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes > limit) this.#begin(head, body);
      if (!this.#sender.started) continue;
      while (held.length > lastChunks) {
        const next = held.shift();
        if (next !== undefined) await this.#sender.chunk(next);
      }
      heldBytes = 0;
    }
    return held;
  }

  /** Sends what was held back: the call is on record. */
  async #release(head: AnswerHead, body: AnswerBody, held: readonly Uint8Array[]): Promise<Outcome> {
    try {
      this.#begin(head, body);
      for (const chunk of held.slice(0, -1)) await this.#sender.chunk(chunk);
    } catch (error) {
      this.#sender.cut();
      if (error instanceof ClientGone) return "client-gone";
      this.#settings.logger.warn({ err: error, eventId: this.#arrival.eventId }, "an answer could not be written");
      return "failed";
    }
    await this.#sender.end(held.at(-1));
    return head.status < 400 ? "ok" : head.status < 500 ? "client-error" : "server-error";
  }

  #begin(head: AnswerHead, body: AnswerBody): void {
    if (this.#sender.started) return;
    const { requestId, lines } = head.settle(body.captured);
    this.#requestId = requestId;
    this.#sender.head(head.status, head.statusText, lines);
  }

  /** No answer came, or not all of it. `response` is what there is of it. */
  async #failed(error: unknown, response: WireResponse | undefined): Promise<Outcome> {
    const { logger } = this.#settings;
    if (this.#gone.signal.aborted || error instanceof ClientGone || this.#body?.failure?.reason === "client-gone") {
      const answered = response === undefined ? undefined : this.#errorOf(response);
      await this.#conclude({ response, error: answered, notes: { clientDisconnected: true } });
      this.#sender.cut();
      return "client-gone";
    }
    if (this.#body?.failure !== undefined)
      return this.#answerInstead(requestTimedOut(), { requestBody: "timeout" }, "client-error");
    const failure = error instanceof EndpointFailure ? error : undefined;
    const facts = {
      eventId: this.#arrival.eventId,
      service: this.#routed.serviceId,
      operation: this.#routed.operationName,
    };
    if (failure === undefined) logger.error({ err: error, ...facts }, "an endpoint failed in a way it should not");
    // No stack: a backend that is down says the same for every call.
    else logger.warn({ reason: failure.reason, cause: failure.message, ...facts }, "an endpoint gave no answer");
    const awsError = failure === undefined ? internalFailure(this.#isS3) : errorOfFailure(failure, this.#isS3);
    const reason = failure?.reason ?? "internal";
    const outcome: Outcome = failure === undefined || failure.reason === "aborted" ? "failed" : failure.reason;
    if (!this.#sender.started) return this.#answerInstead(awsError, { upstreamFailure: reason }, outcome);
    const { code, message, status } = awsError;
    await this.#conclude({ response, error: { code, message, status }, notes: { upstreamFailure: reason } });
    this.#sender.cut();
    return outcome;
  }

  /** Records and sends an error of the gateway's own. */
  async #answerInstead(error: AwsError, notes: Notes, outcome: Outcome): Promise<Outcome> {
    const encoded = this.#encoded(error);
    const response: WireResponse = {
      status: encoded.status,
      headers: joinHeaders(encoded.headers),
      body: encoded.body,
      bodyTruncated: false,
      bodyBytes: 0,
      startedAt: this.#settings.clock.now(),
    };
    const { code, message, status } = error;
    const problem = await this.#conclude({ response, error: { code, message, status }, notes });
    if (problem !== undefined) return this.#withhold(problem);
    await this.#send(error);
    return outcome;
  }

  /** The event is not durable: nobody may see the answer. */
  async #withhold(problem: Error): Promise<Outcome> {
    if (this.#sender.started) this.#sender.cut();
    else await this.#send(recordingUnavailable(reasonOf(problem), true));
    return "withheld";
  }

  async #send(error: AwsError): Promise<void> {
    const { status, headers, body } = this.#encoded(error);
    try {
      this.#sender.head(status, undefined, headers);
    } catch {
      return this.#sender.cut();
    }
    await this.#sender.end(body);
  }

  #encoded(error: AwsError): ReturnType<typeof encodeError> {
    const { protocol, service } = this.#routed;
    const head = this.#head.method === "HEAD";
    return encodeError(protocol, error, {
      requestId: this.#requestId,
      service,
      isS3: this.#isS3,
      resource: this.#head.path,
      head,
    });
  }

  #errorOf(response: WireResponse): CallError | undefined {
    if (response.status < 300 && !(this.#isS3 && lateErrors.has(this.#routed.operationName))) return undefined;
    const error = decodeError(this.#routed.protocol, response);
    return error === undefined ? undefined : { ...error, status: response.status };
  }

  /** Resolves with the problem for which the answer must be withheld. */
  async #conclude(result: Result): Promise<Error | undefined> {
    const conclusion: Conclusion = this.#kept
      ? await concludeCall(this.#settings, this.#finished(result), this.#wanted)
      : { fate: "not-selected" };
    this.#settle(conclusion.fate);
    return this.#settings.recording === "best-effort" ? undefined : conclusion.problem;
  }

  #settle(fate: Fate): void {
    this.#settled = true;
    this.#settings.metrics.settled(fate);
  }

  #finished(result: Result): ApiCall {
    const { clock, identities, logger } = this.#settings;
    const { operation, serviceId, signingName, operationName, region, signature, s3 } = this.#routed;
    const { method, path, query, headers } = this.#head;
    const call: WireCall = {
      ...this.#arrival,
      requestId: this.#requestId,
      completedAt: clock.now(),
      operation,
      serviceId,
      signingName,
      operationName,
      region,
      userAgent: headers.get("user-agent"),
      signature,
      request: {
        method,
        path,
        query,
        headers: this.#capture.withTrailers(headers),
        host: headers.get("host") ?? "",
        ...(s3 === undefined ? {} : { s3 }),
        ...this.#capture.captured(),
        bodyBytes: this.#body?.bytes ?? 0,
      },
      ...result,
    };
    const parts = decodedParts(call, this.#routed, (error) =>
      logger.debug(
        { err: error, eventId: call.eventId, service: serviceId, operation: operationName },
        "a body could not be decoded",
      ),
    );
    return finishedCall(call, parts, identities.refine?.(this.#resolved, parts) ?? this.#resolved);
  }
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 512);
}
