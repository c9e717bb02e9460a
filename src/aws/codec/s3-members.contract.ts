import type { Operation } from "../catalogue/model.ts";
import type { Tree, TreeObject } from "../tree.ts";

/** Base64 of 32 bytes: the only form of a customer's key that a client does not encode itself. */
const CUSTOMER_KEY = Buffer.alloc(32, "k").toString("base64");

/** Members without which an S3 request is another operation's, or that clients check; undefined for none at all. */
const MEMBERS: Readonly<Record<string, (operation: string) => Tree | undefined>> = {
  Bucket: () => "my-bucket",
  Key: () => "folder/a key+more.txt",
  ContentMD5: () => undefined,
  ChecksumAlgorithm: () => "CRC32",
  SSECustomerKey: () => CUSTOMER_KEY,
  SSECustomerKeyMD5: () => undefined,
  CopySourceSSECustomerKey: () => CUSTOMER_KEY,
  CopySourceSSECustomerKeyMD5: () => undefined,
  CopySource: () => "other-bucket/other%20key",
  UploadId: () => "an upload",
  PartNumber: (operation) => (operation.startsWith("UploadPart") ? 3 : undefined),
  Id: () => "a configuration",
  AnnotationName: () => "an annotation",
};

/** A generated S3 input that a client will send, as the operation that it is. */
export function withS3Members({ name, input: shape }: Operation, input: TreeObject): TreeObject {
  const fixed: Record<string, Tree> = { ...input };
  for (const [member, make] of Object.entries(MEMBERS)) {
    const value = make(name);
    if (value === undefined) delete fixed[member];
    else if (shape?.members.has(member) === true) fixed[member] = value;
  }
  return fixed;
}
