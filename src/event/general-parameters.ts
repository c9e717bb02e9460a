import { bareObject } from "../aws/bare-object.ts";
import type { StructureShape } from "../aws/catalogue/model.ts";
import type { Json, JsonObject, TreeObject } from "../aws/tree.ts";
import type { ApiCall } from "./api-call.ts";
import { projectStructure } from "./project-tree.ts";
import { redact, type RedactOptions } from "./redact.ts";
import { keepsMemberCase, serviceStack } from "./service-stack.ts";
import { unmodelledAnswer, unmodelledParameters } from "./unmodelled.ts";

/** `requestParameters` by the general rule: model, member names, redaction. Null when there is nothing to show. */
export function generalRequestParameters(call: ApiCall, options: RedactOptions): JsonObject | null {
  // S3 and the older and younger forms of EC2 are not the model: their rules read the wire, and nothing need be decoded.
  if (isWireForm(call)) return null;
  const { operation } = call;
  if (operation === undefined) return redacted(call, "request", unmodelledParameters(call), options);
  const { input } = call;
  if (operation.input === undefined || input === undefined) return null;
  const shown = project(call, operation.input, input);
  return redacted(call, "request", restStrings(call, operation.input, shown), options);
}

/** `responseElements` of a successful call by the general rule. */
export function generalResponseElements(call: ApiCall, options: RedactOptions): JsonObject | null {
  if (isWireForm(call)) return null;
  const { operation } = call;
  if (operation === undefined) return redacted(call, "response", unmodelledAnswer(call), options);
  const { output } = call;
  if (operation.output === undefined || output === undefined) return null;
  return redacted(call, "response", project(call, operation.output, output), options);
}

function isWireForm(call: ApiCall): boolean {
  return call.serviceId === "s3" || call.serviceId === "ec2";
}

function project(call: ApiCall, shape: StructureShape, tree: TreeObject): JsonObject | null {
  return projectStructure(shape, tree, keepsMemberCase(call.serviceId) ? "as-modelled" : "lower-first");
}

function redacted(
  call: ApiCall,
  side: "request" | "response",
  shown: JsonObject | null,
  options: RedactOptions,
): JsonObject | null {
  if (shown === null) return null;
  const rest = redact(shown, side, call.serviceId, call.operationName, options);
  for (const _ in rest) return rest;
  return null;
}

/** API Gateway logs path and query values as the strings that they were, path values still percent-encoded. */
function restStrings(call: ApiCall, shape: StructureShape, shown: JsonObject | null): JsonObject | null {
  if (shown === null || serviceStack(call.serviceId) !== "api-gateway") return shown;
  const strings = Object.assign(bareObject<Json>(), shown);
  const members = [...shape.members.values()];
  for (const name in shown) {
    const member = members.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    const value = shown[name];
    if (member === undefined || value === undefined || typeof value === "object") continue;
    if (member.traits.httpLabel === true) strings[name] = encodeURIComponent(String(value).toWellFormed());
    else if (member.traits.httpQuery !== undefined) strings[name] = String(value);
  }
  return strings;
}
