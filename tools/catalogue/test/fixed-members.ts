import type { Operation } from "../../../src/aws/catalogue/model.ts";
import type { Tree, TreeObject } from "../../../src/aws/tree.ts";

/** Base64 of 32 bytes: the only form of a customer's key that the client does not encode itself. */
const customerKey = Buffer.alloc(32, "k").toString("base64");

/** Members without which an S3 request is another operation's, or that the client checks. */
const s3Members: Readonly<Record<string, (operation: string) => Tree | undefined>> = {
  Bucket: () => "my-bucket",
  Key: () => "folder/a key+more.txt",
  ContentMD5: () => undefined,
  ChecksumAlgorithm: () => "CRC32",
  SSECustomerKey: () => customerKey,
  CopySourceSSECustomerKey: () => customerKey,
  CopySource: () => "other-bucket/other%20key",
  UploadId: () => "an upload",
  PartNumber: (operation) => (operation.startsWith("UploadPart") ? 3 : undefined),
  Id: () => "a configuration",
  SSECustomerKeyMD5: () => undefined,
  CopySourceSSECustomerKeyMD5: () => undefined,
  AnnotationName: () => "an annotation",
};

/**
 * The generated input with those members that the model calls required (the catalogue does not keep that) and the wire
 * cannot do without, and with values that clients accept in members that they check or make hosts of.
 */
export function withFixedMembers({ service, name, input: shape }: Operation, input: TreeObject): TreeObject {
  const fixed: Record<string, Tree> = { ...input };
  const has = (member: string): boolean => shape?.members.has(member) === true;
  if (service.id === "s3") {
    for (const [member, make] of Object.entries(s3Members)) {
      const value = make(name);
      if (!has(member)) continue;
      if (value === undefined) delete fixed[member];
      else fixed[member] = value;
    }
  }
  if (service.id === "s3-control" && has("AccountId")) fixed.AccountId = "111122223333";
  if (service.id === "s3-control" && has("OutpostId")) fixed.OutpostId = "op-01ac5d28a6a232904";
  if (service.id === "sso" && has("accessToken")) fixed.accessToken = "a token";
  // A global endpoint asks for a kind of signature that needs another package.
  if (has("EndpointId") && (service.id === "eventbridge" || service.id === "sesv2")) delete fixed.EndpointId;
  return fixed;
}
