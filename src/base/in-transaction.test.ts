import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inTransaction } from "./in-transaction.ts";

let database: DatabaseSync;
beforeEach(() => {
  database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE words (word TEXT) STRICT");
});
afterEach(() => database.close());

const add = (word: string): void => void database.prepare("INSERT INTO words VALUES (?)").run(word);
const words = (): unknown[] =>
  database
    .prepare("SELECT word FROM words")
    .all()
    .map(({ word }) => word);

test("keeps all of the work, and gives what it gives", () => {
  expect(
    inTransaction(database, () => {
      add("one");
      add("two");
      return 2;
    }),
  ).toBe(2);
  expect(database.isTransaction).toBe(false);
  expect(words()).toEqual(["one", "two"]);
});

test("keeps nothing of work that fails, and throws what it threw", () => {
  const failing = (): void => {
    add("one");
    throw new Error("no more");
  };
  expect(() => inTransaction(database, failing)).toThrow("no more");
  expect(words()).toEqual([]);
});

test("is not begun within another, which stays whole", () => {
  inTransaction(database, () => {
    add("one");
    expect(() => inTransaction(database, () => add("two"))).toThrow("BUG");
  });
  expect(words()).toEqual(["one"]);
});

test("takes back what an earlier failure left open", () => {
  database.exec("BEGIN");
  add("left over");
  inTransaction(database, () => add("one"));
  expect(words()).toEqual(["one"]);
});

test("throws what failed, not that it could not be taken back", () => {
  const exec = database.exec.bind(database);
  let broken = true;
  database.exec = (sql: string): void => {
    if (sql === "ROLLBACK" && broken) {
      broken = false;
      throw new Error("disk I/O error");
    }
    exec(sql);
  };
  const failing = (): void => {
    add("one");
    throw new Error("no more");
  };
  expect(() => inTransaction(database, failing)).toThrow("no more");
  expect(database.isTransaction).toBe(true);
  inTransaction(database, () => add("two"));
  expect(words()).toEqual(["two"]);
});
