import { AwsError } from "../../aws/aws-error.ts";
import type { Catalogue, Operation, Service } from "../../aws/catalogue/model.ts";
import { DecodeBudget } from "../../aws/codec/decode-budget.ts";
import { DecodeError } from "../../aws/codec/decode-failure.ts";
import { encodeError, type EncodedAnswer } from "../../aws/codec/encode-error.ts";
import { encodeJsonResponse } from "../../aws/codec/encode-response.ts";
import { parseJson } from "../../aws/codec/parse-json.ts";
import { isTreeObject, openTree } from "../../aws/codec/tree-builder.ts";
import { EndpointFailure, type Endpoint, type EndpointRequest } from "../../aws/endpoint.ts";
import type { TreeObject } from "../../aws/tree.ts";
import type { Logger } from "../../base/logger.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import type { ApiOperation, ApiStores } from "./api-operation.ts";
import { Input } from "./input.ts";
import { LOOKUPS_PER_SECOND } from "./lookup-events.ts";
import { OPERATIONS } from "./operations.ts";
import { AWS_QUOTAS, type Quotas } from "./quotas.ts";
import { RateLimit } from "./rate-limit.ts";

export interface CloudTrailApiOptions extends Omit<ApiStores, "lookupRate" | "quotas"> {
  readonly catalogue: Catalogue;
  /** Limits LookupEvents to two calls a second for each account and Region, as AWS does. */
  readonly lookupRateLimit: boolean;
  /** Default: AWS's. */
  readonly quotas?: Quotas;
  /** Asks the callers' policies; without it every caller may do everything in its account. */
  readonly authorizer?: Authorizer;
  readonly logger: Logger;
  /** Default: all that there are. */
  readonly operations?: readonly ApiOperation[];
}

/** The CloudTrail API: AWS JSON 1.1 at `POST /`, and the data service's refusals. The stores stay open when it is closed. */
export function createCloudTrailApi(options: CloudTrailApiOptions): Endpoint {
  return new CloudTrailApi(options);
}

/** boto3, the AWS CLI and older SDKs write the longer form, SDKs made with Smithy the shorter. */
const TARGET = /^(?:com\.amazonaws\.cloudtrail\.v20131101\.)?CloudTrail_20131101\.([A-Za-z]{1,64})$/;

/** The service of PutAuditEvents: a REST API of its own, which is CloudTrail's to answer all the same. */
const DATA_SERVICE = "cloudtrail-data";

/** More than any input of the model can take. */
const MAX_BODY_BYTES = 1024 * 1024;

class CloudTrailApi implements Endpoint {
  readonly #service: Service;
  readonly #operations: ReadonlyMap<string, ApiOperation>;
  readonly #stores: ApiStores;
  readonly #rates: { readonly reads: RateLimit | undefined; readonly writes: RateLimit | undefined };
  readonly #authorizer: Authorizer | undefined;
  readonly #logger: Logger;

  constructor({
    catalogue,
    lookupRateLimit,
    quotas = AWS_QUOTAS,
    authorizer,
    logger,
    operations,
    ...stores
  }: CloudTrailApiOptions) {
    const service = catalogue.service("cloudtrail");
    if (service === undefined) throw new Error("the catalogue has no CloudTrail");
    this.#service = service;
    this.#operations = new Map((operations ?? OPERATIONS).map((operation) => [operation.name, operation]));
    const lookupRate = lookupRateLimit ? new RateLimit(LOOKUPS_PER_SECOND, stores.clock) : undefined;
    this.#stores = Object.freeze({ ...stores, quotas, lookupRate });
    const rate = (perSecond: number | undefined): RateLimit | undefined =>
      perSecond === undefined ? undefined : new RateLimit(perSecond, stores.clock);
    this.#rates = { reads: rate(quotas.readsPerSecond), writes: rate(quotas.writesPerSecond) };
    this.#authorizer = authorizer;
    this.#logger = logger;
  }

  async send(request: EndpointRequest): Promise<EncodedAnswer> {
    const { requestId } = request.context;
    try {
      return await this.#answer(request);
    } catch (error) {
      if (error instanceof EndpointFailure) throw error;
      const protocol = request.context.serviceId === DATA_SERVICE ? "restJson1" : "awsJson1_1";
      return encodeError(protocol, this.#asAwsError(error, request), { requestId, service: this.#service });
    }
  }

  async close(): Promise<void> {}

  async #answer({ method, target, headers, body, signal, context }: EndpointRequest): Promise<EncodedAnswer> {
    const bytes = await readBody(body, signal);
    if (context.serviceId === DATA_SERVICE) {
      throw new AwsError("UnsupportedOperationException", "This version of OpenTrail does not have PutAuditEvents.");
    }
    const name =
      method === "POST" && target.split("?", 1)[0] === "/" ? TARGET.exec(header(headers, "x-amz-target"))?.[1] : undefined;
    const model = name === undefined ? undefined : this.#service.operation(name);
    if (model === undefined) throw new AwsError("UnknownOperationException", "The operation is not known to CloudTrail.");
    const operation = this.#operations.get(model.name);
    if (operation === undefined) {
      throw new AwsError("UnsupportedOperationException", `This version of OpenTrail does not have ${model.name}.`);
    }
    const input = new Input(membersOf(bytes));
    const { accountId, region, requestId } = context;
    if (this.#rateOf(model)?.allows(`${accountId} ${region} ${model.name}`) === false)
      throw new AwsError("ThrottlingException", "Rate exceeded");
    const call = { ...this.#stores, accountId, region, requestId, signal };
    if (this.#authorizer !== undefined) {
      const access = { ...(await operation.access(input, call)), action: `cloudtrail:${operation.name}` };
      await this.#authorizer.permit(access, { headers, context });
    }
    const output = await operation.handle(input, call);
    return encodeJsonResponse(model, "awsJson1_1", output, context.requestId);
  }

  #rateOf({ name, accessLevel }: Operation): RateLimit | undefined {
    if (name === "LookupEvents") return undefined;
    return accessLevel === "List" || accessLevel === "Read" ? this.#rates.reads : this.#rates.writes;
  }

  /** Whatever is not the caller's mistake is ours: logged whole, told without details. */
  #asAwsError(error: unknown, { context }: EndpointRequest): AwsError {
    if (error instanceof AwsError) return error;
    this.#logger.error({ err: error, operation: context.operationName, requestId: context.requestId }, "CloudTrail API: failed");
    return new AwsError("InternalFailure", "The request failed because of an internal error; OpenTrail's log says more.", 500);
  }
}

function membersOf(body: Uint8Array): TreeObject {
  try {
    const tree = parseJson(body, new DecodeBudget());
    if (tree === undefined) return openTree();
    if (isTreeObject(tree)) return tree;
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
  }
  throw new AwsError("SerializationException", "The body is not a JSON object.");
}

async function readBody(body: EndpointRequest["body"], signal: AbortSignal): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array();
  if (body instanceof Uint8Array) return held(body);
  const chunks: Uint8Array[] = [];
  let octets = 0;
  const stop = (): void => void body.destroy(new EndpointFailure("aborted", "the client left"));
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  try {
    for await (const chunk of body) {
      const bytes = chunk as Uint8Array;
      octets += bytes.length;
      // What is left is read and dropped, so that the connection can carry the answer.
      if (octets <= MAX_BODY_BYTES) chunks.push(bytes);
    }
  } catch (cause) {
    if (cause instanceof EndpointFailure) throw cause;
    throw new EndpointFailure("cut-off", "the request's body ended early", { cause });
  } finally {
    signal.removeEventListener("abort", stop);
  }
  if (octets > MAX_BODY_BYTES) throw tooLarge();
  return Buffer.concat(chunks);
}

function held(body: Uint8Array): Uint8Array {
  if (body.length > MAX_BODY_BYTES) throw tooLarge();
  return body;
}

function tooLarge(): AwsError {
  return new AwsError("RequestEntityTooLargeException", `The body is larger than ${MAX_BODY_BYTES} bytes.`, 413);
}

/** The first line of that name, "" where there is none. */
function header(lines: readonly string[], name: string): string {
  for (let at = 0; at < lines.length; at += 2) if (lines[at]?.toLowerCase() === name) return lines[at + 1] ?? "";
  return "";
}
