import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseFilterPattern } from "./parse-filter-pattern.ts";

/** What a pattern means, and the meaning worked out in the plainest way. */
type Meaning =
  | { readonly kind: "joined"; readonly by: "&&" | "||"; readonly parts: readonly Meaning[] }
  | { readonly kind: "compare"; readonly path: readonly Step[]; readonly operator: string; readonly literal: Literal }
  | { readonly kind: "is"; readonly path: readonly Step[]; readonly what: "IS NULL" | "IS TRUE" | "IS FALSE" | "NOT EXISTS" };
type Step = string | number | { readonly any: true };
type Literal = { readonly text: string; readonly quoted: boolean };

function truth(meaning: Meaning, document: unknown): boolean {
  if (meaning.kind === "joined") {
    const truths = meaning.parts.map((part) => truth(part, document));
    return meaning.by === "&&" ? !truths.includes(false) : truths.includes(true);
  }
  const values = valuesAt(document, meaning.path);
  if (meaning.kind === "is") {
    if (meaning.what === "NOT EXISTS") return values.length === 0;
    return values.includes({ "IS NULL": null, "IS TRUE": true, "IS FALSE": false }[meaning.what]);
  }
  return values.some((value) => {
    if (value === null || typeof value === "object") return false;
    return compare(value as string | number | boolean, meaning.operator, meaning.literal);
  });
}

function compare(value: string | number | boolean, operator: string, { text, quoted }: Literal): boolean {
  const number = !quoted && text !== "" && !Number.isNaN(Number(text)) ? Number(text) : undefined;
  if (operator === "=" || operator === "!=") {
    const expression = new RegExp(`^${text.replace(/[.+]/g, "\\$&").replaceAll("*", "[^]*")}$`);
    const equal = expression.test(String(value)) || (typeof value === "number" && value === number);
    return equal === (operator === "=");
  }
  if (typeof value !== "number" || number === undefined) return false;
  return { ">": value > number, ">=": value >= number, "<": value < number, "<=": value <= number }[operator] ?? false;
}

function valuesAt(value: unknown, [step, ...rest]: readonly Step[]): unknown[] {
  if (step === undefined) return [value];
  if (typeof value !== "object" || value === null) return [];
  const children =
    typeof step === "object"
      ? Object.values(value)
      : Object.entries(value).flatMap(([name, child]) =>
          (typeof step === "number") === Array.isArray(value) && name === String(step) ? [child] : [],
        );
  return children.flatMap((child) => valuesAt(child, rest));
}

function written(meaning: Meaning, space: string): string {
  if (meaning.kind === "joined") {
    return `(${meaning.parts.map((part) => written(part, space)).join(`${space}${meaning.by}${space}`)})`;
  }
  const path = `$${meaning.path.map((step) => (typeof step === "string" ? `.${step}` : typeof step === "number" ? `[${step}]` : ".*")).join("")}`;
  if (meaning.kind === "is") return `${path} ${meaning.what}`;
  const { text, quoted } = meaning.literal;
  return `${path}${space}${meaning.operator}${space}${quoted ? `"${text}"` : text}`;
}

const names = fc.constantFrom("a", "b", "c-d");
const scalars = fc.constantFrom<string | number | boolean | null>(
  "x",
  "xy",
  "xyy",
  "x.y",
  "1",
  "",
  1,
  10,
  -2.5,
  true,
  false,
  null,
);
const { document } = fc.letrec((tie) => ({
  document: fc.dictionary(names, tie("value"), { maxKeys: 3 }),
  value: fc.oneof({ maxDepth: 3 }, scalars, fc.array(tie("value"), { maxLength: 3 }), tie("document")),
}));
const paths = fc
  .tuple(
    fc.array(fc.oneof<fc.Arbitrary<Step>[]>(names, names, fc.nat({ max: 2 })), { maxLength: 2 }),
    fc.boolean(),
    fc.nat({ max: 9 }),
  )
  .map(([steps, again, any]): Step[] =>
    any === 0 ? [...steps, { any: true }] : again ? ["a", ...steps] : steps.length === 0 ? ["b"] : steps,
  );
const texts = fc.constantFrom("x", "xy", "x*", "*y", "*", "x*y", "x*y*y", "*x*", "1", "1*", "1e1", "-2.5", "true");
const literals = fc.record({ text: texts, quoted: fc.boolean() });
const conditions: fc.Arbitrary<Meaning> = fc.oneof(
  fc.record({ kind: fc.constant("compare" as const), path: paths, operator: fc.constantFrom("=", "!="), literal: literals }),
  fc.record({
    kind: fc.constant("compare" as const),
    path: paths,
    operator: fc.constantFrom(">", ">=", "<", "<="),
    literal: fc.constantFrom("1", "1e1", "-2.5", "0").map((text) => ({ text, quoted: false })),
  }),
  fc.record({
    kind: fc.constant("is" as const),
    path: paths,
    what: fc.constantFrom("IS NULL" as const, "IS TRUE" as const, "IS FALSE" as const, "NOT EXISTS" as const),
  }),
);
const { meaning } = fc.letrec<{ meaning: Meaning }>((tie) => ({
  meaning: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    conditions,
    fc.record({
      kind: fc.constant("joined" as const),
      by: fc.constantFrom("&&" as const, "||" as const),
      parts: fc.array(tie("meaning"), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

test("a pattern matches what it means", () => {
  let [held, failed] = [0, 0];
  fc.assert(
    fc.property(meaning, document, fc.constantFrom("", " ", "  "), (meant, subject, space) => {
      const wildcards = written(meant, "").split(".*").length - 1;
      fc.pre(wildcards <= 3);
      const expected = truth(meant, subject);
      if (expected) held += 1;
      else failed += 1;
      expect(parseFilterPattern(`{${space}${written(meant, space)}${space}}`).matches(JSON.stringify(subject))).toBe(expected);
    }),
    { numRuns: 5000 },
  );
  // Both outcomes were seen often enough to mean something.
  expect(Math.min(held, failed)).toBeGreaterThan(200);
});

test("&& binds more than ||", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(conditions, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
      document,
      (rows, subject) => {
        const text = rows.map((row) => row.map((one) => written(one, " ")).join(" && ")).join(" || ");
        fc.pre(text.split(".*").length <= 4);
        const expected = rows.some((row) => row.every((one) => truth(one, subject)));
        expect(parseFilterPattern(`{ ${text} }`).matches(JSON.stringify(subject))).toBe(expected);
      },
    ),
    { numRuns: 2000 },
  );
});
