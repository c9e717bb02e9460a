import type { Protocol } from "../protocol.ts";
import type { AccessLevel, Traits } from "./model.ts";

/*
 * How the catalogue lies on disk. Written by the compiler in `tools/catalogue`, read by this folder; both use these types.
 *
 * `data/index.ndjson`: a line per service (`ServiceLine`), each followed by a line per operation (`OperationLine`).
 * `data/<service id>.ndjson`: a line per shape (`ShapeLine`), sorted by name. Every such line opens with the name as its
 * first string, so that one shape can be found and parsed without parsing the others.
 */

export interface ServiceLine {
  readonly id: string;
  readonly sdkId: string;
  readonly signingName: string;
  readonly alsoSignedAs?: readonly string[];
  readonly endpointPrefix: string;
  readonly version: string;
  readonly protocols: readonly Protocol[];
  readonly targetPrefix?: string;
  readonly alsoTargetedAs?: readonly string[];
  readonly shapeName: string;
  readonly xmlNamespace?: string;
  /** How many lines of operations follow. */
  readonly operations: number;
  /** Wire code of an error → its shape's name, where they differ. */
  readonly errors: Readonly<Record<string, string>>;
}

/** `null` stands for nothing given; an RPC operation ends after `output`. */
export type OperationLine = readonly [
  name: string,
  accessLevel: AccessLevel | null,
  input: string | null,
  output: string | null,
  method?: string,
  uri?: string,
  status?: number,
];

/** 0 a simple type with traits, 1 a list, 2 a map, 3 a structure, 4 a union. Members stand in the model's order. */
export type ShapeLine =
  | readonly [name: string, kind: 0, traits: Traits | 0, target: number]
  | readonly [name: string, kind: 1, traits: Traits | 0, member: MemberEntry]
  | readonly [name: string, kind: 2, traits: Traits | 0, key: MemberEntry, value: MemberEntry]
  | readonly [name: string, kind: 3 | 4, traits: Traits | 0, members: Readonly<Record<string, MemberEntry>>];

export type MemberEntry = Target | readonly [Target, Traits];

/** The name of a shape, or a code of `simpleTypes`, plus `listOf` or `mapOf` for an unnamed list or map of that type. */
export type Target = string | number;

export const listOf = 64;
export const mapOf = 128;

/** The codes are those of the schemas in the AWS SDK for JavaScript, so that they can be compared side by side. */
export const simpleTypes = {
  string: 0,
  number: 1,
  boolean: 2,
  timestamp: 4,
  timestampDateTime: 5,
  timestampHttpDate: 6,
  timestampEpochSeconds: 7,
  document: 15,
  bigInteger: 17,
  bigDecimal: 19,
  blob: 21,
  streamingBlob: 42,
} as const;
