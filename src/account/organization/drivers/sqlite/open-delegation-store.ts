import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { requireWritable } from "../../../../base/require-writable.ts";
import type { Delegation, DelegationStore } from "../../delegation-store.ts";

const FORMAT = 1;

/** Opens the delegations in one SQLite file, made where it is not there. One process at a time. */
export function openDelegationStore(path: string): DelegationStore {
  return new SqliteDelegationStore(path);
}

class SqliteDelegationStore implements DelegationStore {
  readonly #database: DatabaseSync;
  readonly #changes = new Map<string, Map<string, Delegation>>();

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#database = new DatabaseSync(path);
    try {
      this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000");
      const format = Number(this.#database.prepare("PRAGMA user_version").get()?.["user_version"]);
      if (format > FORMAT) throw new Error(`${path} is of format ${format}; this program knows format ${FORMAT}`);
      // Not every time: it is a write, which a full disk refuses.
      if (format < FORMAT) {
        this.#database.exec(`
          BEGIN IMMEDIATE;
          CREATE TABLE delegations (
            organization TEXT NOT NULL, account TEXT NOT NULL, registered INTEGER NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (organization, account)
          ) STRICT, WITHOUT ROWID;
          PRAGMA user_version = ${FORMAT};
          COMMIT;
        `);
      }
      requireWritable(this.#database, path);
      for (const { organization, account, registered, at } of this.#database.prepare("SELECT * FROM delegations").all())
        this.#remember(String(organization), String(account), { registered: Number(registered) === 1, at: Number(at) });
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  changes(organizationId: string): ReadonlyMap<string, Delegation> {
    return this.#changes.get(organizationId) ?? new Map<string, Delegation>();
  }

  async set(organizationId: string, accountId: string, delegation: Delegation): Promise<void> {
    this.#database
      .prepare(
        "INSERT INTO delegations VALUES (?, ?, ?, ?) ON CONFLICT (organization, account) DO UPDATE SET registered = excluded.registered, at = excluded.at",
      )
      .run(organizationId, accountId, delegation.registered ? 1 : 0, delegation.at);
    this.#remember(organizationId, accountId, delegation);
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  #remember(organizationId: string, accountId: string, delegation: Delegation): void {
    const changes = this.#changes.get(organizationId) ?? new Map<string, Delegation>();
    this.#changes.set(organizationId, changes.set(accountId, delegation));
  }
}
