import { addAbortSignal, Readable } from "node:stream";
import { AwsError } from "../../aws/aws-error.ts";
import { encodeError } from "../../aws/codec/encode-error.ts";
import { EndpointFailure, type Endpoint, type EndpointRequest, type EndpointResponse } from "../../aws/endpoint.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { requestIds } from "./request-ids.ts";
import { readS3Request } from "./s3-request.ts";
import { S3_OPERATIONS } from "./s3-operations.ts";
import { S3Store } from "./s3-store.ts";
import type { S3Answer } from "./s3-call.ts";
import { checkHeaders } from "./unsupported-headers.ts";

export interface S3EndpointOptions {
  /** Where buckets and objects are kept; made where it is missing. One process at a time. */
  readonly directory: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** S3 over a directory of files: the operations of `S3_OPERATIONS`, `NotImplemented` (501) for every other. */
export class S3Endpoint implements Endpoint {
  readonly #store: S3Store;
  readonly #logger: Logger;
  readonly #clock: Clock;

  constructor({ directory, logger, clock }: S3EndpointOptions) {
    this.#store = new S3Store(directory);
    this.#logger = logger;
    this.#clock = clock;
    if (this.#store.swept > 0) logger.warn({ files: this.#store.swept }, "removed files that a crash had left behind");
  }

  async send(request: EndpointRequest): Promise<EndpointResponse> {
    const { context, signal } = request;
    const body = request.body instanceof Uint8Array ? Readable.from([request.body]) : (request.body ?? Readable.from([]));
    const abandon = (): void => void body.destroy();
    signal.addEventListener("abort", abandon, { once: true });
    try {
      return this.#render(await this.#answer(request, body), request);
    } catch (error) {
      if (error instanceof AwsError) return refusal(error, request);
      // A body that broke off fails what reads it; nobody is left to answer.
      if (signal.aborted || body.errored) {
        throw new EndpointFailure("aborted", "the client went away before the call was done", { cause: error });
      }
      this.#logger.error({ err: error, operation: context.operationName }, "an S3 call failed");
      return refusal(new AwsError("InternalError", "We encountered an internal error. Please try again.", 500), request);
    } finally {
      signal.removeEventListener("abort", abandon);
    }
  }

  async close(): Promise<void> {
    this.#store.close();
  }

  async #answer(request: EndpointRequest, body: Readable): Promise<S3Answer> {
    const { context, signal } = request;
    const operation = S3_OPERATIONS.get(context.operationName);
    if (operation === undefined) {
      throw new AwsError(
        "NotImplemented",
        `A header you provided implies functionality that is not implemented: ${context.operationName}`,
        501,
      );
    }
    const { query, headers } = readS3Request(request);
    checkHeaders(headers, context.accountId);
    return await operation({
      store: this.#store,
      clock: this.#clock,
      bucket: context.s3?.bucket ?? "",
      key: context.s3?.key ?? "",
      query,
      headers,
      body,
      signal,
      region: context.region,
      accountId: context.accountId,
      host: headers.get("host") ?? "",
    });
  }

  #render(answer: S3Answer, { method, signal, context }: EndpointRequest): EndpointResponse {
    const headers = new Map(Object.entries(answer.headers ?? {}));
    for (const [name, value] of Object.entries(requestIds(context.requestId))) headers.set(name, value);
    let body: Readable | Uint8Array | undefined;
    if (typeof answer.body === "string") {
      if (!headers.has("content-type")) headers.set("content-type", "application/xml");
      body = Buffer.from(answer.body);
      headers.set("content-length", String(body.length));
    } else if (answer.body !== undefined) {
      body = addAbortSignal(signal, answer.body);
    } else if (answer.status === 200 && !headers.has("content-length")) {
      headers.set("content-length", "0");
    }
    if (method === "HEAD" && body instanceof Readable) body.destroy();
    return { status: answer.status, headers: [...headers].flat(), body: method === "HEAD" ? undefined : body };
  }
}

function refusal(error: AwsError, { method, target, context }: EndpointRequest): EndpointResponse {
  const { status, headers, body } = encodeError("restXml", error, {
    requestId: context.requestId,
    service: context.operation?.service,
    isS3: true,
    resource: target.split("?", 1)[0] ?? target,
    head: method === "HEAD",
  });
  return { status, headers, body: method === "HEAD" ? undefined : body };
}
