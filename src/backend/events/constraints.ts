import { AwsError } from "../../aws/aws-error.ts";

/** Characters of a value that are told back. */
const SHOWN = 1024;

export interface TextLimits {
  readonly min?: number;
  readonly max?: number;
  /** As the model writes it, for the whole text. */
  readonly pattern?: string;
  readonly oneOf?: readonly string[];
}

/** What the model asks of a request's members. All that is wrong is told at once, in the words of AWS's front ends. */
export class Constraints {
  readonly #broken: string[] = [];

  text(path: string, value: string | undefined, { min, max, pattern, oneOf }: TextLimits): this {
    if (value === undefined) return this;
    const tell = (what: string): void =>
      void this.#broken.push(`Value '${value.slice(0, SHOWN)}' at '${path}' failed to satisfy constraint: ${what}`);
    if (max !== undefined && value.length > max) tell(`Member must have length less than or equal to ${max}`);
    if (min !== undefined && value.length < min) tell(`Member must have length greater than or equal to ${min}`);
    if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value)) {
      tell(`Member must satisfy regular expression pattern: ${pattern}`);
    }
    if (oneOf !== undefined && !oneOf.includes(value)) tell(`Member must satisfy enum value set: [${oneOf.join(", ")}]`);
    return this;
  }

  whole(path: string, value: number | undefined, min: number, max: number): this {
    if (value === undefined) return this;
    const tell = (what: string): void =>
      void this.#broken.push(`Value '${value}' at '${path}' failed to satisfy constraint: ${what}`);
    if (value > max) tell(`Member must have value less than or equal to ${max}`);
    if (value < min) tell(`Member must have value greater than or equal to ${min}`);
    return this;
  }

  /** Lists of up to `max` elements, and not empty. */
  list(path: string, value: readonly unknown[] | undefined, max: number): this {
    if (value === undefined) return this;
    const tell = (what: string): void =>
      void this.#broken.push(`Value '[${value.length} members]' at '${path}' failed to satisfy constraint: ${what}`);
    if (value.length > max) tell(`Member must have length less than or equal to ${max}`);
    if (value.length === 0) tell("Member must have length greater than or equal to 1");
    return this;
  }

  required(path: string, value: unknown): this {
    if (value === undefined) this.#broken.push(`Value null at '${path}' failed to satisfy constraint: Member must not be null`);
    return this;
  }

  /** Throws `ValidationException` where anything is wrong. */
  check(): void {
    const count = this.#broken.length;
    if (count === 0) return;
    const told = this.#broken.slice(0, 10).join("; ");
    throw new AwsError("ValidationException", `${count} validation error${count === 1 ? "" : "s"} detected: ${told}`);
  }
}
