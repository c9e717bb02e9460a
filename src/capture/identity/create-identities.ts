import { join } from "node:path";
import { AccountDirectory } from "../../account/identities/account-directory.ts";
import type { Accounts } from "../../account/identities/accounts.ts";
import { accountOfKeyId } from "../../aws/key-id.ts";
import { parsePrincipalArn } from "../../aws/principal-arn.ts";
import type { Clock } from "../../base/clock.ts";
import { readKeyFile } from "../../base/key-file.ts";
import type { Logger } from "../../base/logger.ts";
import { Seal } from "../../base/seal.ts";
import type { ApiCall } from "../../event/api-call.ts";
import { CallerBook } from "./caller-book.ts";
import { holderOfArn, uniqueId } from "./holder-of.ts";
import type { Credential, Identities, ResolvedCaller } from "./identities.ts";
import { IdentityStore } from "./identity-store.ts";
import type { KnownSecret, KnownSecrets } from "./known-secrets.ts";
import { LearnedIdentities } from "./learned-identities.ts";
import type { Classroom } from "./lessons/lesson.ts";
import { lessonOf } from "./lessons/lessons.ts";
import { samlCallerOf } from "./saml-assertion.ts";
import { textAt } from "./tree-members.ts";
import { webIdentityCallerOf } from "./web-identity.ts";

export interface IdentitiesOptions {
  /** As `accountsSchema` gives them. */
  readonly accounts: Accounts;
  /** Account of callers that nothing else identifies, twelve digits. */
  readonly defaultAccountId: string;
  /** `identities.sqlite` is kept here, and `identities.key` unless `keyFile` says otherwise. */
  readonly dataDir: string;
  /** File of the key under which learned identities rest; made where it does not exist. */
  readonly keyFile?: string;
  /** How callers are recorded whose key nobody knows: "unknown" (the default), or "root" of their account. */
  readonly unknownKeys?: "unknown" | "root";
  /** Most entries of each kind (long-term keys, sessions, users, roles) that are kept; default 50,000, some 40 MB of sessions. */
  readonly limit?: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** In the data directory; and what the key is used for. */
export const IDENTITIES_FILE = "identities.sqlite";
export const IDENTITIES_KEY_FILE = "identities.key";
export const IDENTITIES_SEAL = "learned identities";

const DEFAULT_LIMIT = 50_000;
/** What was learned is durable this much later; learning within it shares one write. */
const FLUSH_MILLISECONDS = 200;
const RETRY_MILLISECONDS = 5000;
/** Entries in one write: it holds up every request for some 10 ms. More than that waits for the next turn. */
const FLUSH_ENTRIES = 200;
const FLUSH_NEXT_MILLISECONDS = 10;
const SWEEP_MILLISECONDS = 60_000;
/** Longer than any access key: AWS's model says 128. */
const LONGEST_KEY_ID = 128;

/**
 * Opens the identities of a data directory. An access key is looked up in this order: the configured accounts; what answers
 * taught; a key id of twelve digits is that account's root user, as emulators have it; the account inside the key id; the default account.
 *
 * Throws `KeyFileError` and `IdentityStoreCorrupt`, which name the file, and SQLite's errors where the store is in use.
 */
export function createIdentities(options: IdentitiesOptions): Identities & KnownSecrets {
  const seal = new Seal(readKeyFile(options.keyFile ?? join(options.dataDir, IDENTITIES_KEY_FILE)), IDENTITIES_SEAL);
  const store = new IdentityStore(join(options.dataDir, IDENTITIES_FILE), seal);
  try {
    return new LearningIdentities(options, store);
  } catch (error) {
    store.close();
    throw error;
  }
}

class LearningIdentities implements Identities, KnownSecrets {
  readonly #accounts: AccountDirectory;
  readonly #learned: LearnedIdentities;
  readonly #book: CallerBook;
  readonly #store: IdentityStore;
  readonly #options: IdentitiesOptions;
  readonly #sweeping: NodeJS.Timeout;
  #flushing: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: IdentitiesOptions, store: IdentityStore) {
    this.#options = options;
    this.#store = store;
    this.#accounts = new AccountDirectory(options.accounts);
    this.#learned = new LearnedIdentities(options.limit ?? DEFAULT_LIMIT);
    this.#book = new CallerBook(this.#accounts, this.#learned);
    const now = options.clock.now();
    for (const entry of store.load()) this.#learned.restore(entry, now);
    this.#flushSoon();
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MILLISECONDS).unref();
  }

  resolve({ accessKeyId }: Credential): ResolvedCaller {
    const { defaultAccountId, clock, unknownKeys } = this.#options;
    if (accessKeyId === undefined) return { caller: { kind: "anonymous" }, accountId: defaultAccountId };
    const configured = this.#accounts.ownerOf(accessKeyId);
    if (configured !== undefined) return resolved(this.#book.ofConfiguredKey(configured));

    const learned = this.#learned.key(accessKeyId, clock.now());
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

  learn(call: ApiCall): void {
    const lesson = lessonOf(call);
    const status = call.response?.status ?? 0;
    if (lesson === undefined || call.error !== undefined || status < 200 || status > 299) return;
    const { clock, logger } = this.#options;
    try {
      lesson(call, this.#classroom(clock.now()));
    } catch (error) {
      // A bug of ours; the record of the call does not depend on it. The error could quote the answer: only its kind is told.
      const { serviceId, operationName, eventId } = call;
      logger.error(
        { serviceId, operationName, eventId, kind: error instanceof Error ? error.name : "unknown" },
        "learned nothing from a call",
      );
    }
    if (this.#learned.hasChanges) this.#flushSoon();
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

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    clearInterval(this.#sweeping);
    clearTimeout(this.#flushing);
    return new Promise((resolve) => {
      try {
        this.#learned.sweep(this.#options.clock.now());
        while (this.#learned.hasChanges) this.#write();
      } finally {
        this.#store.close();
      }
      resolve();
    });
  }

  #classroom(now: number): Classroom {
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
    if (accessKeyId === undefined || this.#classroom(this.#options.clock.now()).knows(accessKeyId)) return before;
    const holding = holderOfArn(textAt(output, "Arn"), textAt(output, "UserId"), textAt(output, "Account"), before.accountId);
    if (holding === undefined || (holding.owner.kind === "account" && before.caller.kind !== "unknown")) return before;
    const caller = this.#book.ofLearnedKey({ ...holding, accessKeyId, active: true, learnedAt: 0 });
    if (caller.kind !== "user" || this.#book.knowsUser(caller)) return resolved(caller);
    const { principalId: _, ...user } = caller;
    const principalId = uniqueId(textAt(output, "UserId"));
    return resolved({ ...user, arn: textAt(output, "Arn") ?? user.arn, ...(principalId === undefined ? {} : { principalId }) });
  }

  #flushSoon(delay = FLUSH_MILLISECONDS): void {
    if (this.#flushing !== undefined || this.#closed || !this.#learned.hasChanges) return;
    this.#flushing = setTimeout(() => {
      this.#flushing = undefined;
      try {
        this.#write();
        this.#flushSoon(FLUSH_NEXT_MILLISECONDS);
      } catch (error) {
        this.#options.logger.error(
          { err: error },
          "learned identities could not be stored; they are kept in memory and tried again",
        );
        this.#flushSoon(RETRY_MILLISECONDS);
      }
    }, delay).unref();
  }

  #write(): void {
    this.#learned.takeChanges(FLUSH_ENTRIES, (entries) => this.#store.write(entries));
  }

  #sweep(): void {
    this.#learned.sweep(this.#options.clock.now());
    this.#flushSoon();
  }
}

function resolved<Known extends ResolvedCaller["caller"] & { readonly accountId: string }>(caller: Known): ResolvedCaller {
  return { caller, accountId: caller.accountId };
}
