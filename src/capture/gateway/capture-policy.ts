import type { StructureShape } from "../../aws/catalogue/model.ts";
import type { Routed } from "./routing/routed.ts";

/**
 * Whether the record may need the request's body. Streams (objects, archives, audio) never show in a record, so they are
 * only counted; so is whatever goes to S3 below an operation that nobody knows.
 */
export function capturesRequestBody(routed: Routed): boolean {
  if (routed.operation === undefined) return routed.serviceId !== "s3";
  return !hasStream(routed.operation.input);
}

/** Whether the record may need the answer's body. Errors are always read: they are small and say what went wrong. */
export function capturesAnswerBody(routed: Routed, status: number): boolean {
  if (status >= 300) return true;
  if (routed.operation === undefined) return false;
  return !hasStream(routed.operation.output);
}

function hasStream(shape: StructureShape | undefined): boolean {
  if (shape === undefined) return false;
  for (const { traits } of shape.members.values()) {
    if (traits.streaming === true || traits.eventStream === true) return true;
  }
  return false;
}
