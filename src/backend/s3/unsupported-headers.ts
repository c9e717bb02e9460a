import { AwsError } from "../../aws/aws-error.ts";

/** Headers that change what a call means, in ways that the embedded account does not have. */
const UNSUPPORTED: readonly RegExp[] = [
  /^x-amz-(?:copy-source-)?server-side-encryption-(?:customer-|aws-kms-|context$|bucket-key)/,
  /^x-amz-object-lock-/,
  /^x-amz-grant-/,
  /^x-amz-write-offset-bytes$/,
];
/** ACLs that say what holds anyway while ACLs are off, as they are for every new bucket. */
const HARMLESS_ACLS = ["private", "bucket-owner-full-control"];

/** Refuses what would otherwise be passed over in silence. Throws `NotImplemented`, `AccessControlListNotSupported`, `AccessDenied`. */
export function checkHeaders(headers: ReadonlyMap<string, string>, accountId: string): void {
  const encryption = headers.get("x-amz-server-side-encryption") ?? "AES256";
  const unsupported =
    encryption === "AES256"
      ? [...headers.keys()].find((name) => UNSUPPORTED.some((each) => each.test(name)))
      : "x-amz-server-side-encryption";
  if (unsupported !== undefined) {
    throw new AwsError(
      "NotImplemented",
      `A header you provided implies functionality that is not implemented: ${unsupported}`,
      501,
    );
  }
  if (!HARMLESS_ACLS.includes(headers.get("x-amz-acl") ?? "private")) {
    throw new AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs", 400);
  }
  for (const name of ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"]) {
    if ((headers.get(name) ?? accountId) !== accountId) throw new AwsError("AccessDenied", "Access Denied", 403);
  }
}
