import type { ApiCall } from "../../event/api-call.ts";
import type { Caller } from "../../event/caller.ts";

/** What a request says of its caller. */
export interface Credential {
  /** Undefined for anonymous requests. */
  readonly accessKeyId: string | undefined;
  /** A session token came along: the credentials are temporary. */
  readonly temporary: boolean;
}

export interface ResolvedCaller {
  readonly caller: Caller;
  /** The account whose call it is: the record's recipient. */
  readonly accountId: string;
}

/** Who stands behind an access key. The one writer of what was learned. */
export interface Identities {
  /** Never fails: what nobody knows is an unknown caller of the account in the key id, or of the default account. */
  resolve(credential: Credential): ResolvedCaller;
  /**
   * The caller as the finished call itself shows it, for the few operations that tell: AssumeRoleWithWebIdentity and
   * AssumeRoleWithSAML are known by their token alone, GetCallerIdentity names an unknown key. All others come back as they are. The gateway
   * asks after the answer, before it makes the `ApiCall`. Never throws.
   */
  refine?(resolved: ResolvedCaller, call: Pick<ApiCall, "serviceId" | "operationName" | "input" | "output">): ResolvedCaller;
  /** Whether `learn` takes something from calls of this kind: they are captured and handed over though nobody records them. */
  learnsFrom?(call: Pick<ApiCall, "serviceId" | "operationName">): boolean;
  /**
   * Takes from a finished IAM or STS call what it says of keys, users, roles and sessions. Where others have to know it too,
   * gives a promise for when they do: the answer MUST NOT be released before. Never throws or rejects.
   */
  learn(call: ApiCall): void | Promise<void>;
  /** Makes what was learned durable; rejects where that fails. */
  close(): Promise<void>;
}
