import type { ApiCall, PlainCall } from "./api-call.ts";

/** A copy of the call that differs in some members. Its bodies are decoded, unless those are among them. */
export function changedCall(call: ApiCall, changes: Partial<PlainCall>): PlainCall {
  return {
    ...call,
    input: "input" in changes ? changes.input : call.input,
    output: "output" in changes ? changes.output : call.output,
    ...changes,
  };
}
