import type { Scalar } from "./scalar.ts";

/** What one value of a field must be. */
export type ValueTest = (value: Scalar) => boolean;

/** What is asked of one field: one of its values passes one of the tests, or, where `absent` is set, there is no such field. */
export interface FieldTest {
  readonly tests: readonly ValueTest[];
  /** `{ "exists": false }` stands among the alternatives. */
  readonly absent: boolean;
}

/** Every field, by its path with dots, must pass. */
export type PatternBranch = ReadonlyMap<string, FieldTest>;

/** What a rule looks for. An event matches where one of the branches, which `$or` makes, does. */
export interface EventPattern {
  readonly branches: readonly PatternBranch[];
}
