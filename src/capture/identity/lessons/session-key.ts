import { createHash } from "node:crypto";
import type { TreeObject } from "../../../aws/tree.ts";
import type { ApiCall } from "../../../event/api-call.ts";
import type { SessionFacts } from "../../../event/caller.ts";
import type { Holding } from "../holder-of.ts";
import { momentAt, textAt } from "../tree-members.ts";
import type { Classroom } from "./lesson.ts";
import { LONGEST_SESSION_MILLISECONDS } from "./own-key.ts";

/** Session tokens have no fixed size (STS API Reference, "Credentials"); real ones stay below 4 KB. */
const LONGEST_TOKEN = 16_384;

/** The members in which an answer hands out temporary credentials. */
export interface CredentialNames {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: string;
}

export const stsNames: CredentialNames = {
  accessKeyId: "AccessKeyId",
  secretAccessKey: "SecretAccessKey",
  sessionToken: "SessionToken",
  expiration: "Expiration",
};

/** Learns temporary credentials that the answer hands out. Nothing is learned where there is no key id. */
export function learnSessionKey(
  call: ApiCall,
  credentials: TreeObject | undefined,
  holding: Holding & { readonly session: SessionFacts },
  { learned }: Classroom,
  names: CredentialNames = stsNames,
): void {
  const accessKeyId = textAt(credentials, names.accessKeyId, 128);
  if (accessKeyId === undefined) return;
  const secretAccessKey = textAt(credentials, names.secretAccessKey);
  const sessionToken = textAt(credentials, names.sessionToken, LONGEST_TOKEN);
  const { accountId, owner, session } = holding;
  learned.putKey({
    accessKeyId,
    accountId,
    owner,
    active: true,
    learnedAt: call.startedAt,
    session: {
      ...session,
      ...(session.webIdFederation === undefined ? {} : { webIdFederation: copyOf(session.webIdFederation) }),
    },
    expiresAt: momentAt(credentials, names.expiration) ?? call.completedAt + LONGEST_SESSION_MILLISECONDS,
    ...(secretAccessKey === undefined ? {} : { secretAccessKey }),
    ...(sessionToken === undefined ? {} : { sessionTokenDigest: createHash("sha256").update(sessionToken).digest("base64") }),
  });
}

function copyOf(federation: NonNullable<SessionFacts["webIdFederation"]>): {
  federatedProvider: string;
  attributes: Record<string, string>;
} {
  return { federatedProvider: federation.federatedProvider, attributes: { ...federation.attributes } };
}
