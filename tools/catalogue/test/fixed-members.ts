import type { Operation, StructureShape } from "../../../src/aws/catalogue/model.ts";
import { withS3Members } from "../../../src/aws/codec/s3-members.contract.ts";
import type { Tree, TreeObject } from "../../../src/aws/tree.ts";

/** Services whose models require the payloads of their operations. */
const requiredPayloads = new Set(["iot", "pinpoint"]);

/** The generated tree with an empty object for the payload where it has none and the model requires one: writers send that anyway. */
export function withRequiredPayload({ service }: Operation, shape: StructureShape, tree: TreeObject): TreeObject {
  if (!requiredPayloads.has(service.id)) return tree;
  const payload = shape.members.values().find(({ target, traits }) => traits.httpPayload === true && target.kind === "structure");
  return payload === undefined || payload.name in tree ? tree : { ...tree, [payload.name]: {} };
}

/**
 * The generated input with those members that the model calls required (the catalogue does not keep that) and the wire
 * cannot do without, and with values that clients accept in members that they check or make hosts of.
 */
export function withFixedMembers(operation: Operation, input: TreeObject): TreeObject {
  const { service, input: shape } = operation;
  const has = (member: string): boolean => shape?.members.has(member) === true;
  const fixed: Record<string, Tree> = { ...(service.id === "s3" ? withS3Members(operation, input) : input) };
  if (service.id === "s3-control" && has("AccountId")) fixed.AccountId = "111122223333";
  if (service.id === "s3-control" && has("OutpostId")) fixed.OutpostId = "op-01ac5d28a6a232904";
  if (service.id === "sso" && has("accessToken")) fixed.accessToken = "a token";
  // A global endpoint asks for a kind of signature that needs another package.
  if (has("EndpointId") && (service.id === "eventbridge" || service.id === "sesv2")) delete fixed.EndpointId;
  return shape === undefined ? fixed : withRequiredPayload(operation, shape, fixed);
}
