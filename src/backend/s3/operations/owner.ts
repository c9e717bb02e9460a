import { createHash } from "node:crypto";
import type { S3Call } from "../s3-call.ts";

/** The canonical user of an account: 64 hexadecimal digits, always the same for the same account. */
export function ownerOf(call: S3Call): { readonly ID: string; readonly DisplayName: string } {
  return { ID: createHash("sha256").update(`canonical user of ${call.accountId}`).digest("hex"), DisplayName: call.accountId };
}
