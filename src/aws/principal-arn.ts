import { parseArn } from "./arn.ts";

/** What the ARN of somebody who can call AWS says of them (IAM User Guide, "IAM identifiers"). */
export type PrincipalArn = { readonly accountId: string; readonly partition: string } & (
  | { readonly kind: "root" }
  | { readonly kind: "user" | "role" | "federated-user"; readonly name: string }
  | { readonly kind: "assumed-role"; readonly name: string; readonly sessionName: string }
);

const NAME = /^[\w+=,.@-]{1,64}$/;

/**
 * Undefined for ARNs of anything else. An account that is not twelve digits (Ceph's are not, or are absent) stands for `foreignAccountId`;
 * undefined where that is not given. Never throws.
 */
export function parsePrincipalArn(text: string, foreignAccountId?: string): PrincipalArn | undefined {
  const arn = parseArn(text);
  if (arn === undefined) return undefined;
  const { partition } = arn;
  const accountId = /^\d{12}$/.test(arn.accountId) ? arn.accountId : foreignAccountId;
  if (accountId === undefined) return undefined;
  const [type = "", ...rest] = arn.resource.split("/");
  const last = rest.at(-1) ?? "";

  if (arn.service === "iam") {
    if (arn.resource === "root") return { kind: "root", partition, accountId };
    if ((type === "user" || type === "role") && NAME.test(last)) return { kind: type, partition, accountId, name: last };
  }
  if (arn.service === "sts" && NAME.test(last)) {
    if (type === "federated-user" && rest.length === 1) return { kind: type, partition, accountId, name: last };
    const [name = ""] = rest;
    if (type === "assumed-role" && rest.length === 2 && NAME.test(name)) {
      return { kind: type, partition, accountId, name, sessionName: last };
    }
  }
  return undefined;
}
