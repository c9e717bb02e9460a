import { localName, parseXml, type XmlElement } from "../../aws/xml/parse-xml.ts";
import type { ApiCall, CallError } from "../api-call.ts";

export interface DeletedKey {
  readonly key: string;
  readonly versionId: string | undefined;
  /** Why this one stayed. */
  readonly error: CallError | undefined;
}

/** DeleteObjects takes at most this many keys. */
const MAXIMUM_KEYS = 1000;

/** The keys of a DeleteObjects request, each with the error that the answer gives for it. Empty where the body cannot be read. */
export function s3DeletedKeys({ request, response }: ApiCall): readonly DeletedKey[] {
  const errors = new Map<string, CallError>();
  for (const element of childrenOf(response?.body, response?.bodyTruncated ?? false, "Error")) {
    const code = textOf(element, "Code");
    const key = textOf(element, "Key");
    if (code === undefined || key === undefined) continue;
    errors.set(identity(key, textOf(element, "VersionId")), {
      code,
      message: textOf(element, "Message"),
      status: code === "AccessDenied" ? 403 : code === "InternalError" ? 500 : 400,
    });
  }
  return childrenOf(request.body, request.bodyTruncated, "Object")
    .slice(0, MAXIMUM_KEYS)
    .flatMap((element) => {
      const key = textOf(element, "Key");
      const versionId = textOf(element, "VersionId");
      return key === undefined ? [] : [{ key, versionId, error: errors.get(identity(key, versionId)) }];
    });
}

function identity(key: string, versionId: string | undefined): string {
  return `${versionId ?? ""}\0${key}`;
}

/** Elements of that name below the root. Of a body that was cut off, those that are complete. */
function childrenOf(body: Uint8Array | undefined, truncated: boolean, name: string): readonly XmlElement[] {
  if (body === undefined || body.length === 0) return [];
  const text = new TextDecoder().decode(body);
  try {
    return parseXml(truncated ? completed(text, name) : text).children.filter((child) => localName(child.name) === name);
  } catch {
    return [];
  }
}

/** Ends the document after its last complete element of that name. */
function completed(text: string, name: string): string {
  const end = text.lastIndexOf(`</${name}>`);
  const root = /<([A-Za-z_][\w.:-]*)[\s>]/.exec(text)?.[1];
  return end === -1 || root === undefined ? text : `${text.slice(0, end)}</${name}></${root}>`;
}

function textOf(element: XmlElement, name: string): string | undefined {
  const text = element.children.find((child) => localName(child.name) === name)?.text;
  return text === "" ? undefined : text;
}
