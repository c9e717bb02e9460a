import type { SimpleShape } from "../catalogue/model.ts";
import type { Tree } from "../tree.ts";

const NUMBER = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?$/;
const INTEGER = /^[+-]?[0-9]{1,400}$/;
const DATE_TIME =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,20})?)?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?$/;
const HTTP_DATE = /^(?:[A-Z][a-z]{2}, )?[0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})? GMT$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** A text of the wire (query, XML, header, label) read as `shape` says; the text itself where it does not fit. */
export function scalarFromText(shape: SimpleShape, text: string): Tree {
  switch (shape.kind) {
    case "boolean":
      return booleanFromText(text.trim());
    case "number":
    case "bigInteger":
      return numberFromText(text.trim());
    case "timestamp":
      return timestampFromText(text.trim());
    case "blob":
      return blobFromText(text);
    case "bigDecimal":
    case "string":
    case "document":
      return text;
  }
}

/** A number; a bigint for an integer beyond the safe ones; the text where it is neither (`NaN`, which JSON cannot say). */
export function numberFromText(text: string): number | bigint | string {
  if (!NUMBER.test(text)) return text;
  const value = Number(text);
  if (INTEGER.test(text) && !Number.isSafeInteger(value)) return BigInt(text.replace("+", ""));
  return Number.isFinite(value) ? value : text;
}

/** A date from any of Smithy's three formats, whatever the model says: they cannot be confused. Offsets are honoured. */
export function timestampFromText(text: string): Date | string {
  if (NUMBER.test(text)) return dateFromSeconds(Number(text)) ?? text;
  let parsable: string;
  if (DATE_TIME.test(text)) {
    const iso = text.replace(/([+-][0-9]{2})([0-9]{2})$/, "$1:$2").replace(" ", "T");
    // Without an offset the engine would take the time zone of this machine.
    parsable = /[Tt]/.test(iso) && !/(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$/.test(iso) ? `${iso}Z` : iso;
  } else if (HTTP_DATE.test(text)) parsable = text;
  else return text;
  const date = new Date(parsable);
  return Number.isNaN(date.getTime()) ? text : date;
}

/** Undefined beyond what a date can say. */
export function dateFromSeconds(seconds: number): Date | undefined {
  const date = new Date(Math.round(seconds * 1000));
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Bytes from base64; the text where it is none. */
export function blobFromText(text: string): Uint8Array | string {
  const compact = /\s/.test(text) ? text.replace(/\s+/g, "") : text;
  if (!BASE64.test(compact) || compact.length % 4 === 1) return text;
  return new Uint8Array(Buffer.from(compact, "base64"));
}

function booleanFromText(text: string): boolean | string {
  const lower = text.toLowerCase();
  if (lower === "true") return true;
  return lower === "false" ? false : text;
}
