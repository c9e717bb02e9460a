import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { partiqlTable, redactPartiql } from "./partiql.ts";

describe("redactPartiql", () => {
  test.each([
    ["SELECT a.b[0] FROM T1 WHERE x = 5", "SELECT a.b[***(Redacted)] FROM T1 WHERE x = ***(Redacted)"],
    ["UPDATE T SET a='it''s', b=-1.5e+3", "UPDATE T SET a=***(Redacted), b=***(Redacted)"],
    [`INSERT INTO "My-Table" VALUE {'k': 'v'}`, `INSERT INTO "My-Table" VALUE {'k': ***(Redacted)}`],
    ["INSERT INTO T VALUE {'a' : 'x:', 'b':1}", "INSERT INTO T VALUE {'a' : ***(Redacted), 'b':***(Redacted)}"],
    ["SELECT * FROM T WHERE a = true AND b IS NULL AND c = ?", "SELECT * FROM T WHERE a = ***(Redacted) AND b IS NULL AND c = ?"],
    ["SELECT * FROM T WHERE a = 'unclosed", "SELECT * FROM T WHERE a = ***(Redacted)"],
    ["SELECT `2026T`, <<1, 2>> FROM T", "SELECT ***(Redacted), <<***(Redacted), ***(Redacted)>> FROM T"],
  ])("%s", (statement, expected) => {
    expect(redactPartiql(statement)).toBe(expected);
  });

  test("no literal survives", () => {
    const literal = fc.oneof(
      fc.stringMatching(/^[a-z ]{6,12}$/).map((text) => ({ text: `'${text}'`, secret: text })),
      fc.integer({ min: 100_000 }).map((number) => ({ text: String(number), secret: String(number) })),
      fc.double({ min: 1e-9, max: 1e30, noNaN: true }).map((number) => ({ text: String(number), secret: String(number) })),
    );
    fc.assert(
      fc.property(fc.array(literal, { minLength: 1, maxLength: 5 }), (literals) => {
        const redacted = redactPartiql(literals.map(({ text }, index) => `a_${index} = ${text}`).join(" AND "));
        expect(redacted).toBe(literals.map((_, index) => `a_${index} = ***(Redacted)`).join(" AND "));
      }),
    );
  });

  test("hostile statements are read in linear time", () => {
    for (const piece of ["'", '"', "`", "''", "1.", "-", "a1", "e+"]) {
      const started = performance.now();
      redactPartiql(piece.repeat(100_000));
      expect(performance.now() - started).toBeLessThan(2000);
    }
  });
});

test.each([
  [`SELECT * FROM "Orders"."by-date" WHERE x = 1`, "Orders"],
  ["insert into Orders value {}", "Orders"],
  ["UPDATE Orders SET x = 1", "Orders"],
  ["EXISTS(SELECT 1)", undefined],
])("the table of %s is %s", (statement, table) => {
  expect(partiqlTable(statement)).toBe(table);
});
