import { parseArn } from "../../aws/arn.ts";
import { isReadOnlyCall } from "../../aws/catalogue/facts/read-only.ts";
import type { Json, JsonObject } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import type { LookupResource } from "../built-event.ts";
import type { RecordResource, ServiceRules } from "../service-rules.ts";
import { jsonObject, orNull } from "./json-object.ts";
import { withModelDefaults } from "./model-defaults.ts";
import { textAt } from "./read-tree.ts";
import { arnOf, recordResources } from "./record-resource.ts";

/** What the service shows of its own decoded request when the caller left it out. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  CreateKey: {
    keyUsage: "ENCRYPT_DECRYPT",
    customerMasterKeySpec: "SYMMETRIC_DEFAULT",
    keySpec: "SYMMETRIC_DEFAULT",
    origin: "AWS_KMS",
    bypassPolicyLockoutSafetyCheck: false,
  },
  Encrypt: { encryptionAlgorithm: "SYMMETRIC_DEFAULT" },
  Decrypt: { encryptionAlgorithm: "SYMMETRIC_DEFAULT" },
  ReEncrypt: { sourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT", destinationEncryptionAlgorithm: "SYMMETRIC_DEFAULT" },
};

const KEY_ID = /^(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

/** Source: AWS KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail". */
export const kms: ServiceRules = {
  requestParameters: (call, general) => {
    const defaults = DEFAULTS[call.operationName];
    return defaults === undefined ? general : withModelDefaults(call, general, createKeyDefaults(general, defaults));
  },
  // Of a grant, the key is named beside the id.
  responseElements: (call, general) =>
    call.operationName === "CreateGrant" && general !== null
      ? { ...general, ...changedKey(call) }
      : (general ?? changedKey(call)),
  additionalEventData: keyMaterial,
  resources: (call) => resources(call),
  lookupResources: (call) => lookups(call),
};

/** The older name of the key specification follows the newer one where only that was sent, and the other way round. */
function createKeyDefaults(general: JsonObject | null, defaults: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const spec = textAt(general, "keySpec") ?? textAt(general, "customerMasterKeySpec");
  return spec === undefined || !("keySpec" in defaults) ? defaults : { ...defaults, keySpec: spec, customerMasterKeySpec: spec };
}

/** A change that answers nothing on the wire is answered with the key's ARN in the record. */
function changedKey(call: ApiCall): JsonObject | null {
  // A name alone does not tell which key stood behind it.
  if (call.operationName === "DeleteAlias") return null;
  const keyId = keyArn(call, textAt(call.input, "TargetKeyId") ?? textAt(call.input, "KeyId"));
  return keyId === undefined ? null : { keyId };
}

function keyMaterial(call: ApiCall): JsonObject | undefined {
  const data = jsonObject([
    ["keyMaterialId", textAt(call.output, "KeyMaterialId")],
    ["sourceKeyMaterialId", textAt(call.output, "SourceKeyMaterialId")],
    ["destinationKeyMaterialId", textAt(call.output, "DestinationKeyMaterialId")],
  ]);
  return orNull(data) ?? undefined;
}

/** ARN of the key with that id or ARN; undefined for aliases, which only the answer resolves. */
function keyArn(call: ApiCall, keyId: string | undefined): string | undefined {
  if (keyId === undefined) return undefined;
  if (parseArn(keyId)?.resource.startsWith("key/") === true) return keyId;
  return KEY_ID.test(keyId) ? arnOf(call, "kms", `key/${keyId}`) : undefined;
}

function aliasArn(call: ApiCall): string | undefined {
  const alias = textAt(call.input, "AliasName");
  return alias === undefined ? undefined : arnOf(call, "kms", alias);
}

/** Aliases are typed as keys, too. A key that was not found is none. */
function resources(call: ApiCall): readonly RecordResource[] | undefined {
  if (call.error?.code === "NotFoundException") return undefined;
  return recordResources(call, "AWS::KMS::Key", keyArns(call));
}

function keyArns(call: ApiCall): readonly (string | undefined)[] {
  const { input, output } = call;
  // The answer names the key that was used, whatever name the request had for it.
  const used =
    textAt(output, "KeyId") ?? textAt(output, "KeyMetadata", "Arn") ?? textAt(input, "TargetKeyId") ?? textAt(input, "KeyId");
  return [
    aliasArn(call),
    keyArn(call, textAt(output, "SourceKeyId") ?? textAt(input, "SourceKeyId")),
    keyArn(call, used ?? textAt(input, "DestinationKeyId")),
    keyArn(call, textAt(output, "ReplicaKeyMetadata", "Arn")),
  ];
}

/** Uses of a key have no type in LookupEvents; changes list it by id and by ARN. */
function lookups(call: ApiCall): readonly LookupResource[] {
  if (call.error !== undefined && call.operationName.startsWith("Create")) return [];
  const read = isReadOnlyCall(call);
  return (resources(call) ?? []).flatMap(({ ARN: arn = "" }) => {
    if (read) return [{ name: arn }];
    const id = /key\/(.+)$/.exec(arn)?.[1];
    return [...(id === undefined ? [] : [{ type: "AWS::KMS::Key", name: id }]), { type: "AWS::KMS::Key", name: arn }];
  });
}
