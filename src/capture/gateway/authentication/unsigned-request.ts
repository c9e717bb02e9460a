import { parseForm } from "../../../aws/query/form.ts";
import type { ArrivedRequest } from "./authenticator.ts";
import { isForm } from "../routing/rpc-request.ts";
import { isUnsignedOperation } from "./unsigned-operations.ts";
import { lengthOf, type WholeBodies } from "./whole-body.ts";

/**
 * Whether a request without a signature asks for an operation that AWS takes so, and for nothing else: what names a second
 * operation might be taken for that one by a backend that reads it in another order. Rejects with `SignatureProblem`.
 */
export async function asksForUnsignedOperation({ head, routed, body }: ArrivedRequest, bodies: WholeBodies): Promise<boolean> {
  if (!isUnsignedOperation(routed.serviceId, routed.operationName)) return false;
  const inQuery = actionsIn(head.query);
  const byAction = routed.protocol === "awsQuery" || routed.protocol === "ec2Query";
  if (!byAction) return inQuery === 0 && !isForm(head);
  if (head.headers.has("x-amz-target")) return false;
  const form = body === undefined || !isForm(head) ? "" : await bodies.read(body, lengthOf(head.headers));
  try {
    return inQuery + actionsIn(parseForm(form)) === 1;
  } catch {
    // More pairs than any operation has.
    return false;
  }
}

function actionsIn(pairs: readonly (readonly [name: string, value: string])[]): number {
  return pairs.filter(([name]) => name.toLowerCase() === "action").length;
}
