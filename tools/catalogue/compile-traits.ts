import type { Traits } from "../../src/aws/catalogue/model.ts";
import type { SchemaTraits } from "./service-model.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Bits of a numeric trait set, lowest first. `idempotent` decides nothing that we do. */
const bits = [
  "httpLabel",
  undefined,
  "idempotencyToken",
  "sensitive",
  "httpPayload",
  "httpResponseCode",
  "httpQueryParams",
] as const;

const flags = new Set([...bits, "xmlFlattened", "xmlAttribute", "hostLabel"]);
const texts = new Set(["jsonName", "xmlName", "ec2QueryName", "httpQuery", "httpHeader", "httpPrefixHeaders", "mediaType"]);
/** Traits that no reader of the catalogue needs; a trait that stands in no list stops the compiler. */
const dropped = new Set(["error", "httpError", "awsQueryError", "eventPayload", "eventHeader", "sparse", "idempotent"]);

/** Translates the traits of a shape or member; 0 where nothing is left. */
export function compileTraits(traits: SchemaTraits, onUnion: boolean): Traits | 0 {
  const result: Record<string, unknown> = {};
  if (typeof traits === "number") {
    if (traits >> bits.length) throw new Error(`unknown trait bits ${traits}`);
    for (const [position, name] of bits.entries()) if ((traits >> position) & 1 && name !== undefined) result[name] = true;
  } else {
    for (const [name, value] of Object.entries(traits)) Object.assign(result, compileTrait(name, value, onUnion));
  }
  return Object.keys(result).length === 0 ? 0 : (result as Mutable<Traits>);
}

function compileTrait(name: string, value: unknown, onUnion: boolean): object {
  if (dropped.has(name)) return {};
  if (flags.has(name as "httpLabel") && value === 1) return { [name]: true };
  if (texts.has(name) && typeof value === "string") return { [name]: value };
  if (name === "streaming" && value === 1) return onUnion ? { eventStream: true } : { streaming: true };
  // Prefix and URI; readers match elements by local name, so the URI is enough.
  if (name === "xmlNamespace" && Array.isArray(value) && typeof value[1] === "string") return { xmlNamespace: value[1] };
  throw new Error(`unknown trait ${name}: ${JSON.stringify(value)}`);
}
