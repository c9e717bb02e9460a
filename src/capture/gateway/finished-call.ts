import { decodeRequest } from "../../aws/codec/decode-request.ts";
import { decodeResponse } from "../../aws/codec/decode-response.ts";
import type { Operation } from "../../aws/catalogue/model.ts";
import type { TreeObject } from "../../aws/tree.ts";
import type { ApiCall } from "../../event/api-call.ts";
import type { Caller } from "../../event/caller.ts";
import type { ResolvedCaller } from "../identity/identities.ts";
import type { Routed } from "./routing/routed.ts";

/** A call without what is decoded from its bodies, and without its caller, of whom those bodies may say more. */
export type WireCall = Omit<ApiCall, "input" | "output" | "caller" | "accountId">;

/**
 * A call whose input and output are decoded when they are first asked for: most reads show neither. What cannot be decoded is
 * absent, because a call is recorded whatever its bytes are.
 *
 * A class for speed: accessors of an object of its own would give each call a hidden class of its own.
 */
export class FinishedCall implements ApiCall {
  readonly eventId: string;
  readonly requestId: string;
  readonly startedAt: number;
  readonly completedAt: number;
  readonly operation: Operation | undefined;
  readonly serviceId: string;
  readonly signingName: string;
  readonly operationName: string;
  readonly region: string;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  readonly signature: ApiCall["signature"];
  readonly tls: ApiCall["tls"];
  readonly request: ApiCall["request"];
  readonly response: ApiCall["response"];
  readonly error: ApiCall["error"];
  caller: Caller;
  accountId: string;
  declare readonly vpcEndpoint?: NonNullable<ApiCall["vpcEndpoint"]>;
  declare readonly notes?: NonNullable<ApiCall["notes"]>;
  readonly #routed: Routed;
  readonly #onFailure: (error: unknown) => void;
  #earlier: FinishedCall | undefined;
  #input: TreeObject | undefined;
  #output: TreeObject | undefined;
  #inputDecoded = false;
  #outputDecoded = false;

  /**
   * @param earlier what was made of the same request, whose input is taken as it is.
   * @param onFailure hears of what could not be decoded.
   */
  constructor(
    call: WireCall,
    routed: Routed,
    { caller, accountId }: ResolvedCaller,
    earlier: FinishedCall | undefined,
    onFailure: (error: unknown) => void,
  ) {
    this.eventId = call.eventId;
    this.requestId = call.requestId;
    this.startedAt = call.startedAt;
    this.completedAt = call.completedAt;
    this.operation = call.operation;
    this.serviceId = call.serviceId;
    this.signingName = call.signingName;
    this.operationName = call.operationName;
    this.region = call.region;
    this.sourceIp = call.sourceIp;
    this.userAgent = call.userAgent;
    this.signature = call.signature;
    this.tls = call.tls;
    this.request = call.request;
    this.response = call.response;
    this.error = call.error;
    this.caller = caller;
    this.accountId = accountId;
    if (call.vpcEndpoint !== undefined) this.vpcEndpoint = call.vpcEndpoint;
    if (call.notes !== undefined) this.notes = call.notes;
    this.#routed = routed;
    this.#earlier = earlier;
    this.#onFailure = onFailure;
  }

  /** The bodies tell more of the caller than the head did. */
  madeBy({ caller, accountId }: ResolvedCaller): void {
    this.caller = caller;
    this.accountId = accountId;
  }

  get input(): TreeObject | undefined {
    if (!this.#inputDecoded) {
      this.#inputDecoded = true;
      this.#input = this.#earlier === undefined ? this.#decoded(decodedInput) : this.#earlier.input;
      this.#earlier = undefined;
    }
    return this.#input;
  }

  get output(): TreeObject | undefined {
    if (!this.#outputDecoded) {
      this.#outputDecoded = true;
      this.#output = this.#decoded(decodedOutput);
    }
    return this.#output;
  }

  #decoded(decode: (call: WireCall, routed: Routed) => TreeObject | undefined): TreeObject | undefined {
    try {
      return decode(this, this.#routed);
    } catch (error) {
      this.#onFailure(error);
      return undefined;
    }
  }
}

function decodedInput(call: WireCall, { protocol, labels }: Routed): TreeObject | undefined {
  const { operation, request } = call;
  // S3's parameters are the request's own lines, not the model's members.
  if (operation === undefined || call.serviceId === "s3" || request.bodyTruncated) return undefined;
  return decodeRequest(operation, protocol, request, labels);
}

function decodedOutput(call: WireCall, { protocol }: Routed): TreeObject | undefined {
  const { operation, response, error } = call;
  if (operation === undefined || response === undefined || error !== undefined || response.bodyTruncated) return undefined;
  return decodeResponse(operation, protocol, response);
}
