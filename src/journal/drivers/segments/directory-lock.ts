import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LOCK_NAME } from "./layout.ts";
import { JournalUnavailable } from "../../journal.ts";

/**
 * Keeps every other opener of `directory` out, in this process, in others, and in containers that share the volume. The
 * operating system lets go when the process ends, however it ends, so there is never a stale lock to clear.
 *
 * Node offers no file locks of its own; SQLite's exclusive transaction is one. Nothing is ever stored in that file.
 */
export class DirectoryLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Throws `JournalUnavailable` where the directory is in use. */
  static take(directory: string): DirectoryLock {
    const database = new DatabaseSync(join(directory, LOCK_NAME), { timeout: 0 });
    try {
      database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    } catch (error) {
      database.close();
      const cause = error instanceof Error ? error.message : String(error);
      throw new JournalUnavailable(`the journal in ${directory} is in use by another process (${cause})`, { cause: error });
    }
    return new DirectoryLock(database);
  }

  release(): void {
    this.#database.close();
  }
}
