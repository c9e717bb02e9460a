import type { Json, JsonObject } from "../aws/tree.ts";
import { limits, truncateUtf8 } from "./limits.ts";
import type { RecordDraft } from "./record-draft.ts";
import { type CloudTrailRecord, memberOrder, type RecordMember } from "./record.ts";

export interface EncodeOptions {
  /** Show what was left out for its size as `{"omitted":true,"originalSize":…,"reason":…}` instead of null or nothing. */
  readonly omittedMarker?: boolean;
  /** Knows how objects read that stood in an earlier record of the call. */
  readonly draft?: RecordDraft | undefined;
}

/** Members that AWS leaves out when they are larger than this. */
const objectLimits: Partial<Record<RecordMember, number>> = {
  requestParameters: limits.parameters,
  responseElements: limits.parameters,
  serviceEventDetails: limits.parameters,
  additionalEventData: limits.additionalEventData,
  edgeDeviceDetails: limits.additionalEventData,
  addendum: limits.tlsDetails,
  eventContext: limits.additionalEventData,
  insightDetails: limits.parameters,
  tlsDetails: limits.tlsDetails,
  userIdentity: limits.userIdentity,
};

/** What goes first when the whole record is too large. Source: "Quotas in AWS CloudTrail", maximum event size. */
const cuttingOrder: readonly RecordMember[] = [
  "requestID",
  "additionalEventData",
  "serviceEventDetails",
  "userAgent",
  "errorCode",
  "eventContext",
  "responseElements",
  "requestParameters",
  "errorMessage",
];

/** Written as null rather than left out. */
const nullable: ReadonlySet<RecordMember> = new Set<RecordMember>(["requestParameters", "responseElements"]);

/** What stands in front of each member's value; the first one is in every record. */
const members = memberOrder.map((name, at) => ({ name, before: `${at === 0 ? "{" : ","}"${name}":` }));
/** What JSON says of such a text is the text. */
const plainText = /^[ !#-[\]-~]*$/;
/** The identities of those who call again. */
const identityTexts = new WeakMap<JsonObject, string>();

/**
 * The record as JSON in UTF-8: members in AWS's order, every string and object held to its limit, the whole never larger
 * than 256 KB. Each member is turned into text once.
 */
export function encodeRecord(record: CloudTrailRecord, options: EncodeOptions = {}): Uint8Array {
  const { draft } = options;
  const marker = options.omittedMarker === true;
  let text = "";
  for (const { name, before } of members) {
    const value = record[name];
    if (value === undefined) continue;
    const piece = encodeMember(name, value, marker, draft);
    if (piece !== undefined) text += before + piece;
  }
  // Only where three bytes a UTF-16 unit could exceed the limit is it worth measuring.
  if (text.length * 3 > limits.record) text = fittedText(record, marker);
  return Buffer.from(`${text}}`, "utf8");
}

/** The same, as long as it fits into a record, for one that may not. */
function fittedText(record: CloudTrailRecord, marker: boolean): string {
  const pieces = new Map<RecordMember, string>();
  for (const { name } of members) {
    const value = record[name];
    const piece = value === undefined ? undefined : encodeMember(name, value, marker);
    if (piece !== undefined) pieces.set(name, piece);
  }
  fitRecord(pieces, marker);
  let text = "";
  for (const { name, before } of members) {
    const piece = pieces.get(name);
    if (piece !== undefined) text += before + piece;
  }
  return text;
}

function encodeMember(name: RecordMember, value: unknown, marker: boolean, draft?: RecordDraft): string | undefined {
  if (typeof value === "string") {
    const shown = truncateUtf8(value);
    return plainText.test(shown) ? `"${shown}"` : JSON.stringify(shown);
  }
  if (typeof value === "boolean") return value ? "true" : "false";
  if (value === null) return "null";
  if (name === "resources") return encodeResources(value as readonly Json[]);
  const piece = objectText(name, value as JsonObject, draft);
  const maximum = objectLimits[name] ?? limits.parameters;
  if (piece.length * 3 <= maximum) return piece;
  const size = Buffer.byteLength(piece);
  return size <= maximum ? piece : omitted(name, size, maximum, marker);
}

function objectText(name: RecordMember, value: JsonObject, draft: RecordDraft | undefined): string {
  if (name === "requestParameters" && draft !== undefined) return draft.textOf(value);
  if (name !== "userIdentity") return JSON.stringify(value);
  let text = identityTexts.get(value);
  if (text === undefined) identityTexts.set(value, (text = JSON.stringify(value)));
  return text;
}

/** As many entries as fit; the order decides which. */
function encodeResources(resources: readonly Json[]): string {
  let text = "";
  let size = 2;
  for (const resource of resources) {
    const piece = JSON.stringify(resource);
    size += Buffer.byteLength(piece) + 1;
    if (size > limits.resources) break;
    text += text === "" ? piece : `,${piece}`;
  }
  return `[${text}]`;
}

function omitted(name: RecordMember, size: number, maximum: number, marker: boolean): string | undefined {
  // AWS's shape needs an identity: one that says nothing is better than a record without.
  if (name === "userIdentity") return '{"type":"Unknown"}';
  if (marker) return JSON.stringify({ omitted: true, originalSize: size, reason: `${name} is larger than ${maximum} bytes` });
  return nullable.has(name) ? "null" : undefined;
}

/** Takes away in AWS's order until the rest fits; what is never taken cannot exceed the limit on its own. */
function fitRecord(pieces: Map<RecordMember, string>, marker: boolean): void {
  let size = 2;
  for (const [name, piece] of pieces) size += Buffer.byteLength(piece) + name.length + 4;
  for (const name of cuttingOrder) {
    if (size <= limits.record) return;
    const piece = pieces.get(name);
    if (piece === undefined) continue;
    const before = Buffer.byteLength(piece);
    const substitute = piece.startsWith("{") ? omitted(name, before, limits.record, marker) : undefined;
    if (substitute === undefined && !nullable.has(name)) {
      pieces.delete(name);
      size -= before + name.length + 4;
    } else if (substitute !== undefined && substitute.length < before) {
      pieces.set(name, substitute);
      size -= before - substitute.length;
    }
  }
}
