import type { FederationIssuer, KeyHolder, LearnedKey, LearnedPrincipal } from "./learned-entry.ts";

export type LearnedEntry =
  | { readonly kind: "key"; readonly id: string; readonly value: LearnedKey | undefined }
  | { readonly kind: "user" | "role"; readonly id: string; readonly value: LearnedPrincipal | undefined };

/**
 * How long after its expiration a session is still recognised: the backend's clock and ours may differ by as much as
 * signatures allow, and a call that was let in must not be recorded as nobody's.
 */
const EXPIRY_GRACE_MILLISECONDS = 5 * 60_000;

/** How long a session must have been over, by a clock that nobody sets, before it is let go of. */
const OVER_MILLISECONDS = 60 * 60_000;

/** Deleted keys are remembered for as long as answers that were under way at the time may still come. */
const FORGOTTEN_LIMIT = 10_000;

/**
 * What answers have told of keys, users and roles, in memory. Each kind holds `limit` entries at most and lets the one go
 * that was learned first. Every change is noted until `takeChanges` has it.
 */
export class LearnedIdentities {
  readonly #limit: number;
  #version = 0;
  readonly #longTermKeys = new Map<string, LearnedKey>();
  readonly #sessions = new Map<string, LearnedKey>();
  readonly #principals = { user: new Map<string, LearnedPrincipal>(), role: new Map<string, LearnedPrincipal>() };
  readonly #changed = new Map<string, { readonly kind: LearnedEntry["kind"]; readonly id: string }>();
  readonly #forgotten = new Map<string, number>();
  /** Sessions found over, and since when. */
  readonly #overSince = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Another number whenever anything that is known has changed. */
  get version(): number {
    return this.#version;
  }

  get size(): { readonly longTermKeys: number; readonly sessions: number; readonly users: number; readonly roles: number } {
    return {
      longTermKeys: this.#longTermKeys.size,
      sessions: this.#sessions.size,
      users: this.#principals.user.size,
      roles: this.#principals.role.size,
    };
  }

  /** Undefined for a session whose time is over. */
  key(accessKeyId: string, now: number): LearnedKey | undefined {
    const key = this.#longTermKeys.get(accessKeyId) ?? this.#sessions.get(accessKeyId);
    return key === undefined || isOver(key, now) ? undefined : key;
  }

  /**
   * Takes the place of what was known of the key. Ignored where the key was deleted, or something newer learned of it, after the call that
   * told began.
   */
  putKey(key: LearnedKey): void {
    const forgottenAt = this.#forgotten.get(key.accessKeyId);
    if (forgottenAt !== undefined && forgottenAt >= key.learnedAt) return;
    const known = this.#longTermKeys.get(key.accessKeyId) ?? this.#sessions.get(key.accessKeyId);
    if (known !== undefined && known.learnedAt > key.learnedAt) return;
    const [into, other] =
      key.expiresAt === undefined ? [this.#longTermKeys, this.#sessions] : [this.#sessions, this.#longTermKeys];
    other.delete(key.accessKeyId);
    into.delete(key.accessKeyId);
    into.set(key.accessKeyId, key);
    this.#note("key", key.accessKeyId);
    this.#evict("key", into);
  }

  setActive(accessKeyId: string, active: boolean): void {
    const keys = this.#longTermKeys.has(accessKeyId) ? this.#longTermKeys : this.#sessions;
    const key = keys.get(accessKeyId);
    if (key === undefined || key.active === active) return;
    keys.set(accessKeyId, { ...key, active });
    this.#note("key", accessKeyId);
  }

  /** `at`: when the answer that says so was complete. */
  forgetKey(accessKeyId: string, at: number): void {
    this.#forgotten.delete(accessKeyId);
    this.#forgotten.set(accessKeyId, at);
    if (this.#forgotten.size > FORGOTTEN_LIMIT) {
      for (const oldest of this.#forgotten.keys()) {
        this.#forgotten.delete(oldest);
        break;
      }
    }
    this.#dropKey(accessKeyId);
  }

  user(accountId: string, name: string): LearnedPrincipal | undefined {
    return this.#principals.user.get(`${accountId}/${name}`);
  }

  role(accountId: string, name: string): LearnedPrincipal | undefined {
    return this.#principals.role.get(`${accountId}/${name}`);
  }

  /**
   * A user or role of the same name with another unique id is another one: the former one's keys, learned before `began`, are forgotten.
   * An answer to a call that began before the present one was learned is the older news.
   */
  putPrincipal(kind: "user" | "role", principal: LearnedPrincipal, began: number): void {
    const principals = this.#principals[kind];
    const { accountId, name } = principal;
    const id = `${accountId}/${name}`;
    const old = principals.get(id);
    if (old !== undefined && old.arn === principal.arn && (principal.id === undefined || old.id === principal.id)) return;
    const replaced = old?.id !== undefined && principal.id !== undefined && old.id !== principal.id;
    if (replaced && began < old.learnedAt) return;
    if (replaced) this.#forgetKeysOf(kind, accountId, name, (key) => (key.learnedAt < began ? began : undefined));
    principals.delete(id);
    principals.set(id, principal.id === undefined && old?.id !== undefined ? { ...principal, id: old.id } : principal);
    this.#note(kind, id);
    this.#evict(kind, principals);
  }

  /** With every key and session that stands on it: AWS lets none of those in any more. */
  forgetPrincipal(kind: "user" | "role", accountId: string, name: string, at: number): void {
    const id = `${accountId}/${name}`;
    if (this.#principals[kind].delete(id)) this.#note(kind, id);
    this.#forgetKeysOf(kind, accountId, name, () => at);
  }

  /** Keys and sessions follow the user to the new name. `renamed` is the user as it is now. */
  renameUser(oldName: string, renamed: LearnedPrincipal): void {
    const { accountId, name } = renamed;
    if (this.#principals.user.delete(`${accountId}/${oldName}`)) this.#note("user", `${accountId}/${oldName}`);
    this.#principals.user.set(`${accountId}/${name}`, renamed);
    this.#note("user", `${accountId}/${name}`);
    this.#evict("user", this.#principals.user);
    if (oldName === name) return;
    const rename = (holder: KeyHolder): KeyHolder | undefined => {
      if (holder.kind === "user" && holder.userName === oldName) return { ...holder, userName: name };
      if (holder.kind !== "federated") return undefined;
      const issuer: FederationIssuer = holder.issuer;
      return issuer.kind === "user" && issuer.userName === oldName
        ? { ...holder, issuer: { ...issuer, userName: name } }
        : undefined;
    };
    for (const keys of [this.#longTermKeys, this.#sessions]) {
      for (const key of keys.values()) {
        const owner = key.accountId === accountId ? rename(key.owner) : undefined;
        if (owner === undefined) continue;
        keys.set(key.accessKeyId, { ...key, owner, learnedAt: renamed.learnedAt });
        this.#note("key", key.accessKeyId);
      }
    }
  }

  /** Forgets the user's long-term keys that a complete list, asked for at `asked`, does not name. */
  keepOnlyKeys(accountId: string, userName: string, listed: ReadonlySet<string>, asked: number): void {
    for (const key of this.#longTermKeys.values()) {
      const { owner } = key;
      if (key.accountId !== accountId || owner.kind !== "user" || owner.userName !== userName) continue;
      if (!listed.has(key.accessKeyId) && key.learnedAt < asked) this.#dropKey(key.accessKeyId);
    }
  }

  /**
   * Lets go of sessions that every sweep for at least an hour found over: a clock that is ahead for a moment must not lock
   * their holders out for good.
   *
   * @param elapsed milliseconds of a clock that nobody sets.
   */
  sweep(now: number, elapsed: number): void {
    for (const key of this.#sessions.values()) {
      const id = key.accessKeyId;
      if (!isOver(key, now)) this.#overSince.delete(id);
      else if (elapsed - (this.#overSince.get(id) ?? elapsed) >= OVER_MILLISECONDS) this.#dropKey(id);
      else if (!this.#overSince.has(id)) this.#overSince.set(id, elapsed);
    }
    for (const id of this.#overSince.keys()) if (!this.#sessions.has(id)) this.#overSince.delete(id);
  }

  /** Puts an entry back that the store holds. Older ones first. */
  restore(entry: LearnedEntry): void {
    this.#version += 1;
    if (entry.value === undefined) return;
    if (entry.kind !== "key") {
      this.#principals[entry.kind].set(entry.id, entry.value);
      this.#evict(entry.kind, this.#principals[entry.kind]);
    } else {
      const into = entry.value.expiresAt === undefined ? this.#longTermKeys : this.#sessions;
      into.set(entry.id, entry.value);
      this.#evict("key", into);
    }
  }

  /** Everything that is known, in the order in which it was learned. */
  entries(): LearnedEntry[] {
    const entries: LearnedEntry[] = [];
    for (const keys of [this.#longTermKeys, this.#sessions])
      for (const [id, value] of keys) entries.push({ kind: "key", id, value });
    for (const kind of ["user", "role"] as const) {
      for (const [id, value] of this.#principals[kind]) entries.push({ kind, id, value });
    }
    return entries;
  }

  /** Takes over what the one who learns has decided; nothing is noted of it. */
  take(entry: LearnedEntry): void {
    this.#version += 1;
    if (entry.kind !== "key") {
      this.#principals[entry.kind].delete(entry.id);
      if (entry.value !== undefined) this.#principals[entry.kind].set(entry.id, entry.value);
      return;
    }
    this.#longTermKeys.delete(entry.id);
    this.#sessions.delete(entry.id);
    if (entry.value === undefined) return;
    const into = entry.value.expiresAt === undefined ? this.#longTermKeys : this.#sessions;
    into.set(entry.id, entry.value);
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0;
  }

  /**
   * Hands up to `most` of the entries that changed to `write`, the first noted first, as they are now (undefined: gone). They stay noted where it
   * throws.
   */
  takeChanges(most: number, write: (entries: readonly LearnedEntry[]) => void): void {
    const taken = [...this.#changed].slice(0, most);
    const entries = taken.map(([, { kind, id }]): LearnedEntry => {
      if (kind === "key") return { kind, id, value: this.#longTermKeys.get(id) ?? this.#sessions.get(id) };
      return { kind, id, value: this.#principals[kind].get(id) };
    });
    write(entries);
    for (const [name] of taken) this.#changed.delete(name);
  }

  /** `at` says for each key when it was forgotten; undefined: it stays. */
  #forgetKeysOf(kind: "user" | "role", accountId: string, name: string, at: (key: LearnedKey) => number | undefined): void {
    const standsOn = (holder: KeyHolder | FederationIssuer): boolean => {
      if (holder.kind === "federated") return standsOn(holder.issuer);
      if (holder.kind === "user") return kind === "user" && holder.userName === name;
      return holder.kind === "role" && kind === "role" && holder.roleName === name;
    };
    for (const keys of [this.#longTermKeys, this.#sessions]) {
      for (const key of keys.values()) {
        if (key.accountId !== accountId || !standsOn(key.owner)) continue;
        const forgottenAt = at(key);
        if (forgottenAt !== undefined) this.forgetKey(key.accessKeyId, forgottenAt);
      }
    }
  }

  #dropKey(accessKeyId: string): void {
    const dropped = [this.#longTermKeys.delete(accessKeyId), this.#sessions.delete(accessKeyId)];
    if (dropped.includes(true)) this.#note("key", accessKeyId);
  }

  #evict(kind: LearnedEntry["kind"], entries: Map<string, unknown>): void {
    for (const oldest of entries.keys()) {
      if (entries.size <= this.#limit) return;
      entries.delete(oldest);
      this.#note(kind, oldest);
    }
  }

  #note(kind: LearnedEntry["kind"], id: string): void {
    this.#version += 1;
    this.#changed.set(`${kind}/${id}`, { kind, id });
  }
}

function isOver(key: LearnedKey, now: number): boolean {
  return key.expiresAt !== undefined && now >= key.expiresAt + EXPIRY_GRACE_MILLISECONDS;
}
