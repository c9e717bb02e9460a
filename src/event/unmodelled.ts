import { bareObject } from "../aws/bare-object.ts";
import { hidden } from "../aws/catalogue/facts/redactions.ts";
import { capturedBody } from "../aws/codec/captured-body.ts";
import type { Json, JsonObject } from "../aws/tree.ts";
import type { ApiCall } from "./api-call.ts";
import { lowerFirst } from "./project-tree.ts";
import { keepsMemberCase } from "./service-stack.ts";

type Rename = (name: string) => string;

/** Levels of a body that nobody modelled; what lies deeper is not shown. */
const MAX_DEPTH = 32;
const MAX_PAIRS = 1000;

/** Names that mostly stand for something that gives access. Nobody has modelled these members, so they go rather than stay. */
const SECRET =
  /secret|passw(?:or)?d|passphrase|credential|private_?-?key|api_?-?key|access_?-?key|signature|authorization|bearer|otp|pin$|token/i;
/** Where programs are given what they need to know, secrets mostly among it. */
const ENVIRONMENT = /^environment_?(?:variables)?$/i;
/** The half of a pair in a form that may be anything (`OptionSettings.member.1.Value`). */
const PAIR_VALUE = /\.value$/i;
/** Names with "token" in them that page or de-duplicate. */
const HARMLESS = /^(?:next|pagination|continuation|client|clientrequest|idempotency|starting|page|marker)[-_]?token$/i;
const SIGNING = /^(?:x-amz-|awsaccesskeyid$|signature|expires$|action$|version$|timestamp$|securitytoken$)/i;

const FORM = "application/x-www-form-urlencoded";
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * What the wire says of a call that the catalogue does not know: the query, and a JSON or form body, names with their first
 * letter lowered, names that look like secrets left out. Null where there is nothing to show.
 */
export function unmodelledParameters(call: ApiCall): JsonObject | null {
  const { request } = call;
  const rename = renameOf(call);
  const shown = bareObject<Json>();
  addPairs(shown, request.query, rename);
  const text = request.bodyTruncated ? undefined : bodyText(request.headers, request.body);
  if (text !== undefined) {
    if ((request.headers.get("content-type") ?? "").toLowerCase().startsWith(FORM)) {
      addPairs(shown, [...new URLSearchParams(text)].slice(0, MAX_PAIRS), rename);
    } else merge(shown, jsonObject(text), rename);
  }
  return orNull(shown);
}

/** The JSON object that answered such a call, shown in the same way. */
export function unmodelledAnswer(call: ApiCall): JsonObject | null {
  const { response } = call;
  const text = response === undefined || response.bodyTruncated ? undefined : bodyText(response.headers, response.body);
  if (text === undefined) return null;
  const shown = bareObject<Json>();
  merge(shown, jsonObject(text), renameOf(call));
  return orNull(shown);
}

function renameOf(call: ApiCall): Rename {
  return keepsMemberCase(call.serviceId) ? (name) => name : lowerFirst;
}

function addPairs(shown: Record<string, Json>, pairs: readonly (readonly [string, string])[], rename: Rename): void {
  for (const [name, value] of pairs.slice(0, MAX_PAIRS)) {
    if (SIGNING.test(name) || name.split(".").some(isSecret)) continue;
    const shownName = rename(name);
    const before = shown[shownName];
    const said = PAIR_VALUE.test(name) ? hidden : value;
    if (before === undefined) shown[shownName] = said;
    else shown[shownName] = Array.isArray(before) ? [...(before as readonly Json[]), said] : [before, said];
  }
}

function merge(shown: Record<string, Json>, members: unknown, rename: Rename): void {
  if (typeof members !== "object" || members === null || Array.isArray(members)) return;
  const named = renamed(members, rename, 0);
  if (typeof named === "object" && named !== null) Object.assign(shown, named);
}

function renamed(value: unknown, rename: Rename, depth: number): Json | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || depth > MAX_DEPTH) return undefined;
  if (Array.isArray(value))
    return value.map((element) => renamed(element, rename, depth + 1)).filter((element) => element !== undefined);
  const shown = bareObject<Json>();
  for (const [name, member] of Object.entries(value)) {
    if (isSecret(name)) continue;
    const json = renamed(member, rename, depth + 1);
    if (json !== undefined) shown[rename(name)] = json;
  }
  return shown;
}

function isSecret(name: string): boolean {
  return ENVIRONMENT.test(name) || (SECRET.test(name) && !HARMLESS.test(name));
}

function bodyText(headers: ReadonlyMap<string, string>, captured: Uint8Array | undefined): string | undefined {
  try {
    const body = capturedBody(headers, captured);
    return body === undefined ? undefined : decoder.decode(body);
  } catch {
    // Not text, or not what its headers say: nothing that a record could show.
    return undefined;
  }
}

function jsonObject(text: string): unknown {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A body that is not JSON after all.
    return undefined;
  }
}

function orNull(shown: JsonObject): JsonObject | null {
  for (const _ in shown) return shown;
  return null;
}
