import { parseCbor } from "../cbor/parse-cbor.ts";
import type { Protocol } from "../protocol.ts";
import type { Tree } from "../tree.ts";
import { localName, parseXml, type XmlElement } from "../xml/parse-xml.ts";
import { capturedBody } from "./captured-body.ts";
import { DecodeBudget } from "./decode-budget.ts";
import { DecodeError } from "./decode-failure.ts";
import { parseJson } from "./parse-json.ts";
import { isTreeObject } from "./tree-builder.ts";
import type { WireAnswer } from "./wire-message.ts";

const LESS_THAN = 0x3c;
const BRACE = 0x7b;

/** An error as the wire has it: the code without namespace and suffix. */
export interface WireError {
  readonly code: string;
  readonly message: string | undefined;
}

/** The codes that S3 would have written had the answer had a body; other services' clients show the same ones. */
const CODE_OF_STATUS = new Map([
  [301, "PermanentRedirect"],
  [307, "TemporaryRedirect"],
  [308, "PermanentRedirect"],
  [400, "BadRequest"],
  [401, "Unauthorized"],
  [403, "AccessDenied"],
  [404, "NotFound"],
  [405, "MethodNotAllowed"],
  [408, "RequestTimeout"],
  [409, "Conflict"],
  [411, "MissingContentLength"],
  [412, "PreconditionFailed"],
  [413, "EntityTooLarge"],
  [416, "InvalidRange"],
  [429, "TooManyRequests"],
  [500, "InternalError"],
  [501, "NotImplemented"],
  [502, "BadGateway"],
  [503, "ServiceUnavailable"],
  [504, "GatewayTimeout"],
]);

/**
 * The error that an answer carries; undefined where it is none, and 304 is none. S3 also errs with status 200, when it has
 * begun to answer before the work was done: a root element `Error` is an error whatever the status.
 *
 * The body is read as what it looks like, because emulators and proxies do not always answer in the caller's protocol.
 * Answers to HEAD have none, and what is unreadable counts as none: then the code is the status's, as S3 names it (403
 * `AccessDenied`, 404 `NotFound`, 405 `MethodNotAllowed`, 412 `PreconditionFailed`, 416 `InvalidRange`, 500 `InternalError`
 * or, where the protocol is neither S3's nor EC2's, `InternalFailure`, 503 `ServiceUnavailable`, 301 `PermanentRedirect`, 400 `BadRequest`, the others in the table above), else `UnknownError`,
 * and there is no message. Never throws.
 */
export function decodeError(protocol: Protocol, response: WireAnswer): WireError | undefined {
  const failed = response.status >= 300 && response.status !== 304;
  if (!failed && (protocol !== "restXml" || response.status !== 200)) return undefined;
  const found = fromBody(protocol, response, failed);
  if (!failed) return found?.code === undefined ? undefined : { code: found.code, message: found.message };
  const header = cutCode(response.headers.get("x-amzn-errortype"));
  const code = header ?? found?.code ?? codeOfStatus(protocol, response.status);
  return { code, message: found?.message };
}

/** Only S3 and EC2 speak of an error where all others have failed ("Common error types" of their API references). */
function codeOfStatus(protocol: Protocol, status: number): string {
  if (status === 500 && protocol !== "restXml" && protocol !== "ec2Query") return "InternalFailure";
  return CODE_OF_STATUS.get(status) ?? "UnknownError";
}

/** Undefined where the body holds no error that can be read. The code may be undefined where only a message is given. */
function fromBody(protocol: Protocol, response: WireAnswer, failed: boolean): Partial<WireError> | undefined {
  try {
    const budget = new DecodeBudget();
    const body = capturedBody(response.headers, response.body);
    if (body === undefined) return undefined;
    const first = body.find((byte) => byte > 0x20 && byte < 0x80);
    if (first === LESS_THAN) return fromElement(parseXml(body, budget), failed);
    if (first === BRACE && failed) return fromObject(parseJson(body, budget));
    return protocol === "rpcv2Cbor" && failed ? fromObject(parseCbor(body, budget)) : undefined;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function fromObject(body: Tree | undefined): Partial<WireError> | undefined {
  if (!isTreeObject(body)) return undefined;
  const inner = body.Error ?? body.error;
  const fields = isTreeObject(inner) ? { ...inner, ...body } : body;
  const code = cutCode(firstText(fields.__type, fields.code, fields.Code));
  const message = firstText(fields.message, fields.Message, fields.errorMessage);
  return { ...(code === undefined ? {} : { code }), message };
}

/**
 * Finds `Error` at the root (S3), below it (`ErrorResponse` of query and REST) or below `Errors` (EC2). A root of another
 * name that has a message names the error itself, as Route 53's `InvalidChangeBatch` does.
 */
function fromElement(root: XmlElement, failed: boolean): Partial<WireError> | undefined {
  const list = child(root, "Errors");
  const error = localName(root.name) === "Error" ? root : (child(root, "Error") ?? (list && child(list, "Error")));
  if (error !== undefined) {
    const code = cutCode(child(error, "Code")?.text);
    const message = (child(error, "Message") ?? child(error, "message"))?.text;
    // Below 300 an element of that name is only an error if it says which: answers have members called so.
    return failed || (error === root && code !== undefined) ? { ...(code === undefined ? {} : { code }), message } : undefined;
  }
  const messages = child(root, "Messages") ?? root;
  const message = child(messages, "Message")?.text;
  if (!failed || message === undefined) return undefined;
  return { code: child(root, "Code")?.text ?? localName(root.name), message };
}

function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((one) => localName(one.name) === name);
}

/** `com.amazonaws.sqs#QueueDoesNotExist:http://…` is `QueueDoesNotExist`. */
function cutCode(text: string | undefined): string | undefined {
  const [beforeComma = ""] = (text ?? "").split(",", 1);
  const [beforeColon = ""] = beforeComma.split(":", 1);
  const code = beforeColon.slice(beforeColon.lastIndexOf("#") + 1).trim();
  return code === "" ? undefined : code;
}

function firstText(...values: readonly (Tree | undefined)[]): string | undefined {
  return values.find((value) => typeof value === "string" && value !== "") as string | undefined;
}
