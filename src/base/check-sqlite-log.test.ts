import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkSqliteLog } from "./check-sqlite-log.ts";

const root = mkdtempSync(join(tmpdir(), "opentrail-sqlite-log-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const HEADER = 32;
let copies = 0;

/** A database and its log as a killed program leaves them. */
class Left {
  readonly path = join(root, `${copies++}.sqlite`);
  readonly wal = `${this.path}-wal`;

  constructor(made: string) {
    for (const suffix of ["", "-wal"]) copyFileSync(made + suffix, this.path + suffix);
  }

  flip(at: number, bits: number): void {
    const octets = readFileSync(this.wal);
    octets[at]! ^= bits;
    writeFileSync(this.wal, octets);
  }

  rows(): number {
    const database = new DatabaseSync(this.path);
    try {
      return Number(database.prepare("SELECT count(*) AS rows FROM things").get()?.["rows"]);
    } catch {
      return 0;
    } finally {
      database.close();
    }
  }

  /** Nothing has been written here before, and this must not be a copy of what still is. */
  remove(): void {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(this.path + suffix, { force: true });
  }
}

/** `work` leaves its database open: `made` is what a kill -9 would leave. */
function made(name: string, pageSize: number, work: (database: DatabaseSync) => void): string {
  const path = join(root, `${name}.sqlite`);
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA page_size = ${pageSize}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`);
  database.exec("CREATE TABLE things (id INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT");
  work(database);
  const kept = join(root, `${name}-kept.sqlite`);
  for (const suffix of ["", "-wal"]) copyFileSync(path + suffix, kept + suffix);
  database.close();
  return kept;
}

function insert(database: DatabaseSync, rows: number, octets = 900): void {
  for (let row = 0; row < rows; row++) database.prepare("INSERT INTO things (value) VALUES (randomblob(?))").run(octets);
}

describe.each([512, 4096, 65_536])("pages of %i octets", (pageSize) => {
  const frame = 24 + pageSize;
  let kept: string;
  let size: number;
  let rows: number;
  beforeAll(() => {
    kept = made(`flips-${pageSize}`, pageSize, (database) => insert(database, 12));
    size = readFileSync(`${kept}-wal`).length;
    rows = new Left(kept).rows();
  });

  test("a flip anywhere is found with its frame, but for what says that the last one is a commit of this log", () => {
    expect(rows).toBe(12);
    expect(checkSqliteLog(kept)).toBeUndefined();
    const flip = fc.record({ where: fc.double({ min: 0, max: 0.999999, noNaN: true }), bits: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(flip, ({ where, bits }) => {
        const at = Math.floor(where * size);
        const left = new Left(kept);
        left.flip(at, bits);
        const offset = at < HEADER ? 0 : HEADER + Math.floor((at - HEADER) / frame) * frame;
        const found = checkSqliteLog(left.path);
        const isExcused = at >= size - frame + 4 && at < size - frame + 16;
        if (!isExcused || found !== undefined) expect(found).toMatchObject({ file: left.wal, offset });
        expect(left.rows()).toBeLessThan(rows);
        left.remove();
      }),
      { numRuns: 150 },
    );
  });

  test("each octet of a frame's header, and of the log's, counts", () => {
    const second = HEADER + frame;
    for (const at of [...Array(HEADER).keys(), ...Array.from({ length: 24 }, (_, octet) => second + octet)]) {
      const left = new Left(kept);
      left.flip(at, 1);
      expect(checkSqliteLog(left.path), `octet ${at}`).toMatchObject({ offset: at < HEADER ? 0 : second });
      left.remove();
    }
  });

  test("cut at any length, or zeros from there on: an unfinished write", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: size }), fc.boolean(), (length, zeros) => {
        const left = new Left(kept);
        if (zeros) writeFileSync(left.wal, readFileSync(left.wal).fill(0, length));
        else truncateSync(left.wal, length);
        if (!zeros || length === 0 || (length >= HEADER && (length === size || length <= size - 16)))
          expect(checkSqliteLog(left.path)).toBeUndefined();
        left.remove();
      }),
      { numRuns: 50 },
    );
  });
});

test("a log that was begun anew has frames of the former one behind its end", () => {
  const kept = made("again", 4096, (database) => {
    insert(database, 40);
    database.exec("PRAGMA wal_checkpoint(FULL)");
    insert(database, 2);
  });
  expect(checkSqliteLog(kept)).toBeUndefined();
  const left = new Left(kept);
  left.flip(HEADER + 100, 1);
  expect(checkSqliteLog(left.path)).toMatchObject({ offset: HEADER });
});

test("what a transaction left that was given up is no damage", () => {
  const kept = made("given-up", 4096, (database) => {
    database.exec("PRAGMA cache_size = 5");
    insert(database, 2);
    database.exec("BEGIN");
    insert(database, 200, 3000);
    database.exec("ROLLBACK");
    insert(database, 1);
  });
  const left = new Left(kept);
  expect(readFileSync(left.wal).length).toBeGreaterThan(HEADER + 50 * 4120);
  expect(checkSqliteLog(left.path)).toBeUndefined();
  left.flip(HEADER + 4120, 1);
  expect(checkSqliteLog(left.path)).toMatchObject({ offset: HEADER + 4120 });
});

test("no log, and an empty one, are sound", () => {
  const path = join(root, "none.sqlite");
  expect(checkSqliteLog(path)).toBeUndefined();
  writeFileSync(`${path}-wal`, "");
  expect(checkSqliteLog(path)).toBeUndefined();
});
