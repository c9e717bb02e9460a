/** A run of digits that a double may not hold. */
const LONG_NUMBER = /[0-9]{16}/;
const INTEGER = /^-?[0-9]{1,400}$/;

/** JSON whose integers beyond the safe ones are bigints; undefined for whatever is not one JSON object. Never throws. */
export function parseEvent(text: string): object | undefined {
  try {
    const value: unknown = LONG_NUMBER.test(text) ? JSON.parse(text, keepLongIntegers) : JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function keepLongIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return INTEGER.test(source) ? BigInt(source) : value;
}
