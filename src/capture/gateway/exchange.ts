import { AwsError } from "../../aws/aws-error.ts";
import type { CallContext, EndpointResponse } from "../../aws/endpoint.ts";
import type { WireResponse } from "../../event/api-call.ts";
import { answeredError } from "./answered-error.ts";
import { AnswerBody } from "./answer-body.ts";
import { AnswerRelay } from "./answer-relay.ts";
import { AnswerSender, ClientGone } from "./answer-sender.ts";
import type { VerifiedRequest } from "./authentication/authenticator.ts";
import { callContext } from "./call-context.ts";
import { CallRecording, type CallResult } from "./call-recording.ts";
import { ClientPresence } from "./client-presence.ts";
import type { ArrivedRequest } from "./downstream/client-connection.ts";
import type { ExchangeSettings } from "./exchange-settings.ts";
import { failedAnswer } from "./failed-answer.ts";
import { internalFailure, recordingUnavailable, requestTimedOut } from "./gateway-error.ts";
import { ForwardedRequest } from "./forwarded-request.ts";
import type { Outcome } from "./gateway-metrics.ts";
import { OwnAnswer } from "./own-answer.ts";
import { RequestBody } from "./request-body.ts";
import { isS3Family } from "./request-id.ts";
import { endToEndLines } from "./routing/header-lines.ts";
import type { RequestHead } from "./routing/request-head.ts";
import { UPLOAD_FIELDS_MAX } from "./routing/upload-form.ts";
import { unlessGone } from "./unless-gone.ts";

/** Octets of a body that is read whole before its call leaves: it goes out in one piece, and no slow client holds a connection. */
const SHORT_BODY = 64 * 1024;

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
  readonly #client: ClientPresence;
  readonly #sender: AnswerSender;
  readonly #body: RequestBody | undefined;
  readonly #recording: CallRecording;
  /** Set where signatures are checked, once the head's holds. */
  #verified: VerifiedRequest | undefined;

  constructor(
    settings: ExchangeSettings,
    head: RequestHead,
    { head: { expectsContinue }, body, answer, socket }: ArrivedRequest,
  ) {
    const { bounds } = settings;
    this.#settings = settings;
    this.#head = head;
    this.#client = new ClientPresence(socket);
    this.#sender = new AnswerSender(answer, this.#client, bounds.answerStallTimeout);
    const onFirstRead = (): void => {
      if (expectsContinue) answer.continue();
    };
    this.#body = body === undefined ? undefined : new RequestBody(body, { onFirstRead, idleTimeout: bounds.bodyIdleTimeout });
    this.#recording = new CallRecording(settings, head, this.#body, socket);
  }

  /** Resolves when the answer is out, or the connection closed. Never rejects. */
  async run(): Promise<void> {
    const { metrics, logger } = this.#settings;
    metrics.arrived();
    let outcome: Outcome = "failed";
    try {
      outcome = await this.#answerCall();
    } catch (error) {
      const { eventId, routed } = this.#recording;
      logger.error({ err: error, eventId, service: routed.serviceId }, "a call could not be answered");
      await this.#recording.abandon();
      if (this.#sender.started) this.#sender.cut();
      else await this.#send(internalFailure(this.#isS3)).catch(() => this.#sender.cut());
    } finally {
      this.#client.release();
      this.#body?.discard();
      metrics.finished(this.#recording.routed.service?.id ?? "unknown", outcome);
    }
  }

  async #answerCall(): Promise<Outcome> {
    const recording = this.#recording;
    if (recording.routed.awaits !== undefined) await this.#finishRouting();
    const refusal = this.#settings.authenticator === undefined ? undefined : await this.#authenticate();
    if (refusal !== undefined && this.#settings.recordUnauthenticated !== true) {
      recording.settle("unauthenticated");
      await this.#send(refusal);
      return "client-error";
    }
    await recording.capture(this.#isShort ? SHORT_BODY : undefined);
    const denial = refusal === undefined ? await this.#checkVpcEndpoint() : undefined;
    const refused = refusal ?? denial;
    const unavailable = await recording.admit(this.#client, refused !== undefined);
    if (unavailable !== undefined) {
      await this.#send(recordingUnavailable(reasonOf(unavailable), false));
      return "refused";
    }
    if (refused !== undefined) return this.#answerInstead(refused, {}, "client-error");
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
    const recording = this.#recording;
    if (this.#body === undefined) return;
    const limit = recording.routed.awaits === "form" ? bounds.bodyCapture : UPLOAD_FIELDS_MAX;
    recording.routed = router.routeBody(this.#head, recording.routed, await this.#body.peek(limit));
    recording.resolved = identities.resolve(recording.routed.credential);
  }

  /** Gives the error with which a caller is refused who is not who the request says. */
  async #authenticate(): Promise<AwsError | undefined> {
    const recording = this.#recording;
    const { routed } = recording;
    try {
      this.#verified = await this.#settings.authenticator?.authenticate({ head: this.#head, routed, body: this.#body });
      return undefined;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      // Whoever it was, it need not have been the holder of that key.
      const { accessKeyId } = routed.credential;
      const { accountId } = recording.resolved;
      const caller = { kind: "unknown", accountId, ...(accessKeyId === undefined ? {} : { accessKeyId }) } as const;
      recording.resolved = { accountId, caller };
      return error;
    }
  }

  /** Gives the error of a call that may not pass the VPC endpoint through which it came. */
  async #checkVpcEndpoint(): Promise<AwsError | undefined> {
    const check = this.#settings.vpcEndpoint?.check;
    if (check === undefined) return undefined;
    const recording = this.#recording;
    const denial = await check(recording.soFar(), this.#context());
    recording.deniedByVpcEndpoint = denial !== undefined;
    return denial;
  }

  #context(): CallContext {
    const { routed, resolved, requestId, sourceIp, tls } = this.#recording;
    return callContext(routed, resolved, { requestId, sourceIp, encrypted: tls !== undefined });
  }

  async #ask(): Promise<EndpointResponse> {
    if (this.#body?.failure !== undefined) throw this.#body.failure;
    const client = this.#client;
    if (client.reason !== undefined) throw client.reason;
    const recording = this.#recording;
    const context = this.#context();
    recording.left = true;
    const { method, target, rawHeaders } = this.#head;
    const headers = endToEndLines(rawHeaders);
    const body = this.#verified?.checkedBody ?? this.#body?.takeWhole() ?? this.#body;
    const forHost = this.#verified?.forHost;
    const request = new ForwardedRequest({ method, target, headers, body, context, forHost }, client);
    const asked = this.#settings.endpointFor(context).send(request);
    return unlessGone(asked, client, ({ body }) => new AnswerBody(body, undefined).drop());
  }

  async #passOn(answer: EndpointResponse): Promise<Outcome> {
    const recording = this.#recording;
    const relay = new AnswerRelay(this.#settings, answer, this.#head.method, recording, this.#sender);
    try {
      await relay.flow(this.#client);
    } catch (error) {
      return this.#failed(error, relay.response());
    }
    const response = relay.response();
    const problem = await recording.conclude({ response, error: answeredError(recording.routed, response) });
    if (problem !== undefined) return this.#withhold(problem);
    try {
      await relay.release();
    } catch (error) {
      this.#sender.cut();
      if (error instanceof ClientGone) return "client-gone";
      this.#settings.logger.warn({ err: error, eventId: recording.eventId }, "an answer could not be written");
      return "failed";
    }
    return relay.status < 400 ? "ok" : relay.status < 500 ? "client-error" : "server-error";
  }

  /** No answer came, or not all of it. `response` is what there is of it. */
  async #failed(error: unknown, response: WireResponse | undefined): Promise<Outcome> {
    const { logger } = this.#settings;
    const recording = this.#recording;
    const { eventId, routed } = recording;
    if (this.#client.gone || error instanceof ClientGone || this.#body?.failure?.reason === "client-gone") {
      const answered = response === undefined ? undefined : answeredError(routed, response);
      if (recording.left) await recording.conclude({ response, error: answered, notes: { clientDisconnected: true } });
      else await recording.withdraw();
      this.#sender.cut();
      return "client-gone";
    }
    const refusal = this.#verified?.refusal;
    if (refusal !== undefined && !this.#sender.started) return this.#answerInstead(refusal, {}, "client-error");
    if (this.#body?.failure !== undefined)
      return this.#answerInstead(requestTimedOut(), { requestBody: "timeout" }, "client-error");
    const { error: told, reason, outcome, failure } = failedAnswer(error, this.#isS3);
    const facts = { eventId, service: routed.serviceId, operation: routed.operationName };
    if (failure === undefined) logger.error({ err: error, ...facts }, "an endpoint failed in a way it should not");
    // No stack: a backend that is down says the same for every call.
    else logger.warn({ reason, cause: failure.message, ...facts }, "an endpoint gave no answer");
    if (!this.#sender.started) return this.#answerInstead(told, { upstreamFailure: reason }, outcome);
    const { code, message, status } = told;
    await recording.conclude({ response, error: { code, message, status }, notes: { upstreamFailure: reason } });
    this.#sender.cut();
    return outcome;
  }

  /** Records and sends an error of the gateway's own. */
  async #answerInstead(error: AwsError, notes: NonNullable<CallResult["notes"]>, outcome: Outcome): Promise<Outcome> {
    const answer = new OwnAnswer(error, this.#head, this.#recording);
    const { code, message, status } = error;
    const response = answer.response(this.#settings.clock.now());
    const problem = await this.#recording.conclude({ response, error: { code, message, status }, notes });
    if (problem !== undefined) return this.#withhold(problem);
    await answer.send(this.#sender);
    return outcome;
  }

  /** The event is not durable: nobody may see the answer. */
  async #withhold(problem: Error): Promise<Outcome> {
    if (this.#sender.started) this.#sender.cut();
    else await this.#send(recordingUnavailable(reasonOf(problem), true));
    return "withheld";
  }

  async #send(error: AwsError): Promise<void> {
    await new OwnAnswer(error, this.#head, this.#recording).send(this.#sender);
  }

  /** The body is so short that the endpoint had better have it at once than as it comes. */
  get #isShort(): boolean {
    const { headers } = this.#head;
    return !headers.has("transfer-encoding") && !headers.has("expect") && Number(headers.get("content-length")) <= SHORT_BODY;
  }

  get #isS3(): boolean {
    return isS3Family(this.#recording.routed.serviceId);
  }
}

function reasonOf(error: Error): string {
  return error.message.slice(0, 512);
}
