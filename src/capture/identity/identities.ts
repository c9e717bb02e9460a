import type { ApiCall } from "../../event/api-call.ts";
import type { Caller } from "../../event/caller.ts";

/** What a request says of its caller. */
export interface Credential {
  /** Undefined for anonymous requests. */
  readonly accessKeyId: string | undefined;
  /** A session token came along: the credentials are temporary. */
  readonly temporary: boolean;
}

/** Who stands behind an access key. The one writer of what was learned. */
export interface Identities {
  /** Never fails: what nobody knows is an unknown caller of the account in the key id, or of the default account. */
  resolve(credential: Credential): { readonly caller: Caller; readonly accountId: string };
  /** Takes from a finished IAM or STS call what it says of keys, users, roles and sessions. */
  learn(call: ApiCall): void;
  close(): Promise<void>;
}
