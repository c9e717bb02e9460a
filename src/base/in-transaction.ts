import type { DatabaseSync } from "node:sqlite";

/**
 * All that `work`, which MUST be synchronous and have no transaction of its own, writes is durable when this returns; nothing of
 * it is where `work` throws. A transaction that an earlier failure could not even take back is taken back first: no other
 * would ever begin.
 */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  if (underWay.has(database)) throw new Error("BUG: a transaction within a transaction");
  if (database.isTransaction) database.exec("ROLLBACK");
  database.exec("BEGIN IMMEDIATE");
  underWay.add(database);
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    takeBack(database);
    throw error;
  } finally {
    underWay.delete(database);
  }
}

/** Whose work is running. */
const underWay = new WeakSet<DatabaseSync>();

/** What made the work fail is what is worth telling. */
function takeBack(database: DatabaseSync): void {
  if (!database.isTransaction) return;
  try {
    database.exec("ROLLBACK");
  } catch {
    // The next transaction tries again.
  }
}
