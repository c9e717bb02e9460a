import { decodeRequest } from "../../aws/codec/decode-request.ts";
import { decodeResponse } from "../../aws/codec/decode-response.ts";
import type { TreeObject } from "../../aws/tree.ts";
import type { ApiCall } from "../../event/api-call.ts";
import type { ResolvedCaller } from "../identity/identities.ts";
import type { Routed } from "./routing/routed.ts";

/** A call without what is decoded from its bodies, and without its caller, of whom those bodies may say more. */
export type WireCall = Omit<ApiCall, "input" | "output" | "caller" | "accountId">;

export type DecodedParts = Pick<ApiCall, "serviceId" | "operationName" | "input" | "output">;

/**
 * Input and output, decoded when first asked for: most reads show neither. What cannot be decoded is absent, because a
 * call is recorded whatever its bytes are; `onFailure` hears of it.
 *
 * @param earlier parts of the same request, whose input is taken as it is.
 */
export function decodedParts(
  call: WireCall,
  routed: Routed,
  earlier: DecodedParts | undefined,
  onFailure: (error: unknown) => void,
): DecodedParts {
  const input = earlier === undefined ? once(() => decodedInput(call, routed), onFailure) : () => earlier.input;
  const output = once(() => decodedOutput(call, routed), onFailure);
  return {
    serviceId: call.serviceId,
    operationName: call.operationName,
    get input() {
      return input();
    },
    get output() {
      return output();
    },
  };
}

/** The accessors are the call's own, so that a copy of it (`{ ...call }`) has the values. */
export function finishedCall(call: WireCall, parts: DecodedParts, { caller, accountId }: ResolvedCaller): ApiCall {
  return {
    ...call,
    caller,
    accountId,
    get input() {
      return parts.input;
    },
    get output() {
      return parts.output;
    },
  };
}

function once(decode: () => TreeObject | undefined, onFailure: (error: unknown) => void): () => TreeObject | undefined {
  let done = false;
  let value: TreeObject | undefined;
  return () => {
    if (done) return value;
    done = true;
    try {
      value = decode();
    } catch (error) {
      onFailure(error);
    }
    return value;
  };
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
