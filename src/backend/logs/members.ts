import { AwsError } from "../../aws/aws-error.ts";
import type { Tags } from "./stored.ts";

/** Smithy constraints of a text. */
export interface TextLimits {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: { readonly expression: RegExp; readonly text: string };
}

export const GROUP_NAME: TextLimits = {
  min: 1,
  max: 512,
  pattern: { expression: /^[.\-_/#A-Za-z0-9]*$/, text: "[\\.\\-_/#A-Za-z0-9]+" },
};
export const STREAM_NAME: TextLimits = { min: 1, max: 512, pattern: { expression: /^[^:*]*$/, text: "[^:*]*" } };

/** The members of a request, read one by one as its model has them; null is absent. */
export class Members {
  readonly #body: Readonly<Record<string, unknown>>;

  constructor(body: Readonly<Record<string, unknown>>) {
    this.#body = body;
  }

  /** Throws `SerializationException` for what is no JSON object. */
  static parse(bytes: Buffer): Members {
    let body: unknown;
    try {
      body = JSON.parse(bytes.toString("utf8") || "{}");
    } catch {
      body = undefined;
    }
    if (typeof body !== "object" || body === null || Array.isArray(body))
      throw unreadable("The request's body is not a JSON object.");
    return new Members(body as Record<string, unknown>);
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  text(name: string, limits: TextLimits = {}): string | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string") throw unreadable(`${name} is not a string.`);
    return checked(name, value, limits);
  }

  needText(name: string, limits: TextLimits = {}): string {
    return this.text(name, limits) ?? missing(name);
  }

  /** One of the values that the model lists. */
  choice(name: string, values: readonly string[]): string | undefined {
    const value = this.text(name);
    if (value === undefined || values.includes(value)) return value;
    throw invalid(value, name, `Member must satisfy enum value set: [${values.join(", ")}]`);
  }

  /** Whole; both bounds included. */
  integer(name: string, min: number, max: number): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !Number.isSafeInteger(value)) throw unreadable(`${name} is not a whole number.`);
    if (value < min) throw invalid(String(value), name, `Member must have value greater than or equal to ${min}`);
    if (value > max) throw invalid(String(value), name, `Member must have value less than or equal to ${max}`);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.#value(name);
    if (value !== undefined && typeof value !== "boolean") throw unreadable(`${name} is not a boolean.`);
    return value;
  }

  list(name: string, min: number, max: number): readonly unknown[] | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw unreadable(`${name} is not a list.`);
    const length = (bound: string): AwsError => invalid("[...]", name, `Member must have length ${bound}`);
    if (value.length < min) throw length(`greater than or equal to ${min}`);
    if (value.length > max) throw length(`less than or equal to ${max}`);
    return value;
  }

  texts(name: string, min: number, max: number, limits: TextLimits = {}): readonly string[] | undefined {
    return this.list(name, min, max)?.map((value) => {
      if (typeof value !== "string") throw unreadable(`${name} holds what is not a string.`);
      return checked(name, value, limits);
    });
  }

  /** At most 50; keys of 1 to 128 characters, values of up to 256. */
  tags(name: string): Tags | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw unreadable(`${name} is not a map.`);
    const entries = Object.entries(value);
    if (entries.length > 50) throw invalid("{...}", name, "Member must have length less than or equal to 50");
    for (const [key, tag] of entries) {
      checked(name, key, { min: 1, max: 128, pattern: { expression: TAG, text: `${TAG_TEXT}+` } });
      if (typeof tag !== "string") throw unreadable(`${name} holds what is not a string.`);
      checked(name, tag, { max: 256, pattern: { expression: TAG, text: `${TAG_TEXT}*` } });
    }
    return Object.fromEntries(entries) as Tags;
  }

  #value(name: string): unknown {
    return Object.hasOwn(this.#body, name) ? (this.#body[name] ?? undefined) : undefined;
  }
}

const TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const TAG_TEXT = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]";

export function missing(name: string): never {
  throw new AwsError(
    "InvalidParameterException",
    `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
  );
}

export function unreadable(message: string): AwsError {
  return new AwsError("SerializationException", message);
}

function checked(name: string, value: string, { min = 0, max = Infinity, pattern }: TextLimits): string {
  if (value.length < min) throw invalid(value, name, `Member must have length greater than or equal to ${min}`);
  if (value.length > max) throw invalid(value, name, `Member must have length less than or equal to ${max}`);
  if (pattern !== undefined && !pattern.expression.test(value)) {
    throw invalid(value, name, `Member must satisfy regular expression pattern: ${pattern.text}`);
  }
  return value;
}

/** Values are cut, so that an answer is never much longer than what AWS could say. */
function invalid(value: string, name: string, constraint: string): AwsError {
  const shown = value.length > 1024 ? `${value.slice(0, 1024)}...` : value;
  return new AwsError(
    "InvalidParameterException",
    `1 validation error detected: Value '${shown}' at '${name}' failed to satisfy constraint: ${constraint}`,
  );
}
