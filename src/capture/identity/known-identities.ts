import { AccountDirectory } from "../../account/identities/account-directory.ts";
import type { Accounts } from "../../account/identities/accounts.ts";
import { accountOfKeyId } from "../../aws/key-id.ts";
import { parsePrincipalArn } from "../../aws/principal-arn.ts";
import type { Clock } from "../../base/clock.ts";
import type { ApiCall } from "../../event/api-call.ts";
import { CallerBook } from "./caller-book.ts";
import { holderOfArn, uniqueId } from "./holder-of.ts";
import type { Credential, ResolvedCaller } from "./identities.ts";
import type { KnownSecret, KnownSecrets } from "./known-secrets.ts";
import type { LearnedKey } from "./learned-entry.ts";
import type { LearnedIdentities } from "./learned-identities.ts";
import type { Classroom } from "./lessons/lesson.ts";
import { lessonOf } from "./lessons/lessons.ts";
import { samlCallerOf } from "./saml-assertion.ts";
import { textAt } from "./tree-members.ts";
import { webIdentityCallerOf } from "./web-identity.ts";

export interface KnownIdentitiesOptions {
  /** As `accountsSchema` gives them. */
  readonly accounts: Accounts;
  /** Account of callers that nothing else identifies, twelve digits. */
  readonly defaultAccountId: string;
  /** How callers are recorded whose key nobody knows: "unknown" (the default), or "root" of their account. */
  readonly unknownKeys?: "unknown" | "root";
  readonly clock: Clock;
}

interface Resolved {
  readonly learned: LearnedKey | undefined;
  readonly caller: ResolvedCaller;
}

/** Callers that are remembered before all are forgotten at once. */
const MOST_RESOLVED = 1024;

/** Longer than any access key: AWS's model says 128. */
const LONGEST_KEY_ID = 128;

/**
 * Who stands behind an access key, by what is known. A key is looked up in this order: the configured accounts; what answers
 * taught; a key id of twelve digits is that account's root user, as emulators have it; the account inside the key id; the default account.
 */
export class KnownIdentities implements KnownSecrets {
  readonly #accounts: AccountDirectory;
  readonly #learned: LearnedIdentities;
  readonly #book: CallerBook;
  readonly #options: KnownIdentitiesOptions;
  readonly #anonymous: ResolvedCaller;
  /** By access key, as of a version of what was learned. */
  readonly #resolved = new Map<string, Resolved>();
  #version = 0;

  constructor(options: KnownIdentitiesOptions, learned: LearnedIdentities) {
    this.#options = options;
    this.#learned = learned;
    this.#accounts = new AccountDirectory(options.accounts);
    this.#book = new CallerBook(this.#accounts, learned);
    this.#anonymous = { caller: { kind: "anonymous" }, accountId: options.defaultAccountId };
  }

  /** The same object again for the same key, as long as nothing changes. */
  resolve({ accessKeyId }: Credential): ResolvedCaller {
    if (accessKeyId === undefined) return this.#anonymous;
    const { version } = this.#learned;
    if (version !== this.#version || this.#resolved.size > MOST_RESOLVED) this.#resolved.clear();
    this.#version = version;
    // Undefined once a session is over.
    const learned = this.#learned.key(accessKeyId, this.#options.clock.now());
    const known = this.#resolved.get(accessKeyId);
    if (known !== undefined && known.learned === learned) return known.caller;
    const caller = this.#resolve(accessKeyId, learned);
    this.#resolved.set(accessKeyId, { learned, caller });
    return caller;
  }

  #resolve(accessKeyId: string, learned: LearnedKey | undefined): ResolvedCaller {
    const { defaultAccountId, unknownKeys } = this.#options;
    const configured = this.#accounts.ownerOf(accessKeyId);
    if (configured !== undefined) return resolved(this.#book.ofConfiguredKey(configured));
    if (learned !== undefined && learned.owner.kind !== "account") return resolved(this.#book.ofLearnedKey(learned));
    if (/^\d{12}$/.test(accessKeyId)) return resolved(this.#book.root(accessKeyId, accessKeyId));
    const accountId = learned?.accountId ?? accountOfKeyId(accessKeyId) ?? defaultAccountId;
    if (accessKeyId.length > LONGEST_KEY_ID) return { caller: { kind: "unknown", accountId }, accountId };
    if (unknownKeys === "root") return resolved(this.#book.root(accountId, accessKeyId));
    return resolved({ kind: "unknown", accountId, accessKeyId });
  }

  refine(before: ResolvedCaller, call: Pick<ApiCall, "serviceId" | "operationName" | "input" | "output">): ResolvedCaller {
    if (call.serviceId !== "sts") return before;
    switch (call.operationName) {
      case "AssumeRoleWithWebIdentity":
        return this.#tokenHolder(before, call.input, webIdentityCallerOf(call.input, call.output));
      case "AssumeRoleWithSAML":
        return this.#tokenHolder(before, call.input, samlCallerOf(call.input, call.output));
      case "GetCallerIdentity":
        return this.#named(before, call.output);
      default:
        return before;
    }
  }

  learnsFrom(call: Pick<ApiCall, "serviceId" | "operationName">): boolean {
    return lessonOf(call) !== undefined;
  }

  secretOf(accessKeyId: string): KnownSecret | undefined {
    const configured = this.#accounts.ownerOf(accessKeyId);
    if (configured !== undefined) {
      const { secret } = configured.accessKey;
      return secret === undefined ? undefined : { secretAccessKey: secret, active: true };
    }
    const learned = this.#learned.key(accessKeyId, this.#options.clock.now());
    if (learned?.secretAccessKey === undefined) return undefined;
    const { secretAccessKey, active, expiresAt, sessionTokenDigest } = learned;
    return {
      secretAccessKey,
      active,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(sessionTokenDigest === undefined ? {} : { sessionTokenDigest: Buffer.from(sessionTokenDigest, "base64") }),
    };
  }

  /** For a lesson. */
  protected classroom(now: number): Classroom {
    return {
      learned: this.#learned,
      now,
      knows: (accessKeyId) => {
        const learned = this.#learned.key(accessKeyId, now);
        return (
          this.#accounts.ownerOf(accessKeyId) !== undefined ||
          /^\d{12}$/.test(accessKeyId) ||
          (learned !== undefined && learned.owner.kind !== "account")
        );
      },
    };
  }

  /** These calls need no signature, so who signed them says nothing: the token does. The event is the role's account's. */
  #tokenHolder(
    before: ResolvedCaller,
    input: ApiCall["input"],
    holder: ReturnType<typeof webIdentityCallerOf> | ReturnType<typeof samlCallerOf>,
  ): ResolvedCaller {
    const { accountId } = parsePrincipalArn(textAt(input, "RoleArn") ?? "", before.accountId) ?? before;
    if (holder !== undefined) return { caller: holder, accountId };
    return { caller: before.caller.kind === "anonymous" ? { kind: "unknown" } : before.caller, accountId };
  }

  #named(before: ResolvedCaller, output: ApiCall["output"]): ResolvedCaller {
    const accessKeyId = "accessKeyId" in before.caller ? before.caller.accessKeyId : undefined;
    if (accessKeyId === undefined || this.classroom(this.#options.clock.now()).knows(accessKeyId)) return before;
    const holding = holderOfArn(textAt(output, "Arn"), textAt(output, "UserId"), textAt(output, "Account"), before.accountId);
    if (holding === undefined || (holding.owner.kind === "account" && before.caller.kind !== "unknown")) return before;
    const caller = this.#book.ofLearnedKey({ ...holding, accessKeyId, active: true, learnedAt: 0 });
    if (caller.kind !== "user" || this.#book.knowsUser(caller)) return resolved(caller);
    const { principalId: _, ...user } = caller;
    const principalId = uniqueId(textAt(output, "UserId"));
    return resolved({ ...user, arn: textAt(output, "Arn") ?? user.arn, ...(principalId === undefined ? {} : { principalId }) });
  }
}

function resolved<Known extends ResolvedCaller["caller"] & { readonly accountId: string }>(caller: Known): ResolvedCaller {
  return { caller, accountId: caller.accountId };
}
