import { deepStrictEqual } from "node:assert";
import { NormalizedSchema } from "@smithy/core/schema";
import { loadCatalogue } from "../../src/aws/catalogue/catalogue.ts";
import type { Member, Operation, Shape, Traits } from "../../src/aws/catalogue/model.ts";
import { readClient } from "./read-client.ts";
import { services } from "./services.ts";

/**
 * Reads the written data back through the program's own reader and holds every shape of every operation against what the
 * SDK's reader of schemas says of it. Throws at the first difference.
 */
export function verifyCatalogue(): void {
  const catalogue = loadCatalogue();
  for (const source of services) {
    const model = source.model ?? readClient(source.id);
    const seen = new Set<Shape>();
    for (const [, , name, , input, output] of model.operations) {
      const operation = catalogue.service(source.id)?.operation(name);
      if (operation === undefined) throw new Error(`${source.id} ${name} is missing`);
      verifyRoot(operation, "input", NormalizedSchema.of(input as never), seen);
      verifyRoot(operation, "output", NormalizedSchema.of(output as never), seen);
    }
  }
}

function verifyRoot(operation: Operation, side: "input" | "output", schema: NormalizedSchema, seen: Set<Shape>): void {
  const path = `${operation.service.id} ${operation.name} ${side}`;
  const shape = operation[side];
  deepStrictEqual(shape === undefined, schema.isUnitSchema(), path);
  if (shape !== undefined) verifyShape(path, shape, schema, seen);
}

function verifyShape(path: string, shape: Shape, schema: NormalizedSchema, seen: Set<Shape>): void {
  deepStrictEqual(shape.kind, kindOf(schema), path);
  // Simple shapes are shared between places that name them and places that do not.
  if (seen.has(shape) || !("name" in shape)) return;
  seen.add(shape);
  switch (shape.kind) {
    case "structure": {
      const members = [...schema.structIterator()];
      deepStrictEqual(
        [...shape.members.keys()],
        members.map(([name]) => name),
        path,
      );
      deepStrictEqual(shape.union, schema.isUnionSchema(), path);
      for (const [name, inner] of members) verifyMember(`${path}.${name}`, shape.members.get(name), inner, seen);
      break;
    }
    case "list":
      verifyMember(`${path}[]`, shape.member, schema.getValueSchema(), seen);
      break;
    case "map":
      verifyMember(`${path}{key}`, shape.key, schema.getKeySchema(), seen);
      verifyMember(`${path}{}`, shape.value, schema.getValueSchema(), seen);
      break;
  }
}

function verifyMember(path: string, member: Member | undefined, schema: NormalizedSchema, seen: Set<Shape>): void {
  if (member === undefined) throw new Error(`${path} is missing`);
  deepStrictEqual({ ...member.traits }, expectedTraits(schema), path);
  verifyShape(path, member.target, schema, seen);
}

function kindOf(schema: NormalizedSchema): Shape["kind"] {
  if (schema.isStructSchema() || schema.isUnitSchema()) return "structure";
  if (schema.isListSchema()) return "list";
  if (schema.isMapSchema()) return "map";
  if (schema.isBlobSchema()) return "blob";
  if (schema.isTimestampSchema()) return "timestamp";
  if (schema.isDocumentSchema()) return "document";
  if (schema.isBooleanSchema()) return "boolean";
  if (schema.isNumericSchema()) return "number";
  if (schema.isBigIntegerSchema()) return "bigInteger";
  if (schema.isBigDecimalSchema()) return "bigDecimal";
  if (schema.isStringSchema()) return "string";
  throw new Error(`no kind for ${schema.getName(true)}`);
}

const flags = [
  "sensitive",
  "xmlFlattened",
  "xmlAttribute",
  "httpLabel",
  "httpQueryParams",
  "httpPayload",
  "httpResponseCode",
] as const;
const moreFlags = ["hostLabel", "idempotencyToken"] as const;
const texts = ["jsonName", "ec2QueryName", "httpQuery", "httpHeader", "httpPrefixHeaders", "mediaType"] as const;
const timestampFormats = new Map<unknown, Traits["timestampFormat"]>([
  [5, "date-time"],
  [6, "http-date"],
  [7, "epoch-seconds"],
]);

function expectedTraits(schema: NormalizedSchema): Record<string, unknown> {
  const merged = schema.getMergedTraits() as Record<string, unknown>;
  const expected: Record<string, unknown> = {};
  for (const name of [...flags, ...moreFlags]) if (merged[name]) expected[name] = true;
  for (const name of texts) if (merged[name] !== undefined) expected[name] = merged[name];
  // Only the member's own: see mergeTraits.
  const { xmlName } = schema.getMemberTraits() as Record<string, unknown>;
  if (xmlName !== undefined) expected["xmlName"] = xmlName;
  if (Array.isArray(merged["xmlNamespace"])) expected["xmlNamespace"] = merged["xmlNamespace"][1];
  if (schema.isStreaming()) expected[schema.isUnionSchema() ? "eventStream" : "streaming"] = true;
  const format = timestampFormats.get(schema.getSchema());
  if (format !== undefined) expected["timestampFormat"] = format;
  return expected;
}
