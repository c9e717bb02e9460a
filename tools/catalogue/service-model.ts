import type { Protocol } from "../../src/aws/protocol.ts";

/** What the compiler needs of a service, whether an SDK client or a person wrote it down. */
export interface ServiceModel {
  readonly sdkId: string;
  readonly signingName: string;
  readonly endpointPrefix: string;
  readonly version: string;
  readonly protocol: Protocol;
  readonly shapeName: string;
  readonly xmlNamespace: string | undefined;
  readonly operations: readonly OperationSchema[];
  readonly errors: readonly StructureSchema[];
}

/*
 * The schemas that SDK clients export: arrays that open with a number for the kind of shape. Numbers alone stand for
 * simple types, and with 64 or 128 added for lists or maps of them. References to other shapes may be functions.
 */
export type SchemaTraits = number | Readonly<Record<string, unknown>>;
export type SchemaReference = number | "unit" | NamedSchema | (() => SchemaReference) | readonly [SchemaReference, SchemaTraits];
type SimpleSchema = readonly [kind: 0, namespace: string, name: string, traits: SchemaTraits, type: number];
export type ListSchema = readonly [kind: 1, namespace: string, name: string, traits: SchemaTraits, member: SchemaReference];
type MapSchema = readonly [
  kind: 2,
  namespace: string,
  name: string,
  traits: SchemaTraits,
  key: SchemaReference,
  value: SchemaReference,
];
/** 3 is a structure, 4 a union, -3 an error. A last number says how many members are required. */
export type StructureSchema = readonly [
  kind: 3 | 4 | -3,
  namespace: string,
  name: string,
  traits: SchemaTraits,
  memberNames: readonly string[],
  members: readonly SchemaReference[],
  required?: number,
];
export type OperationSchema = readonly [
  kind: 9,
  namespace: string,
  name: string,
  traits: SchemaTraits,
  input: SchemaReference,
  output: SchemaReference,
];
export type NamedSchema = SimpleSchema | ListSchema | MapSchema | StructureSchema;
