import { capturedBody } from "../../aws/codec/captured-body.ts";
import type { StructureShape } from "../../aws/catalogue/model.ts";
import { isReadOnly } from "../../aws/catalogue/facts/read-only.ts";
import { parseForm } from "../../aws/query/form.ts";
import type { FormPair } from "../../aws/query/form-tree.ts";
import type { JsonObject } from "../../aws/tree.ts";
import { localName, parseXml, type XmlElement } from "../../aws/xml/parse-xml.ts";
import type { ApiCall } from "../api-call.ts";
import { redact } from "../redact.ts";
import type { ServiceRules } from "../service-rules.ts";
import { ec2LookupResources } from "./ec2-lookup-resources.ts";
import { ec2ModelledOperations } from "./ec2-modelled-operations.ts";
import { ec2ModelledRequest } from "./ec2-modelled-request.ts";
import { ec2ModelledResponse } from "./ec2-modelled-response.ts";
import { ec2WrappedRequest, ec2WrappedResponse } from "./ec2-wrapped.ts";

/**
 * EC2 records its calls in two forms: operations of its 2015 API in the names of the old SOAP interface, younger ones as
 * the wire had them, wrapped in the operation's name.
 */
export const ec2: ServiceRules = {
  requestParameters(call) {
    const shape = call.operation?.input;
    if (!isModelled(call)) {
      const pairs = formPairs(call);
      return pairs === undefined ? null : redacted(call, "request", ec2WrappedRequest(call.operationName, shape, pairs));
    }
    return redacted(call, "request", call.input === undefined ? null : ec2ModelledRequest(call.operationName, shape, call.input));
  },

  responseElements(call) {
    const root = answer(call);
    if (root === undefined) return null;
    const shape = call.operation?.output;
    if (!isModelled(call)) return redacted(call, "response", ec2WrappedResponse(shape, root));
    return redacted(call, "response", confirmed(shape, ec2ModelledResponse(shape, root)));
  },

  lookupResources(call, shown) {
    const { serviceId, operationName, operation, error } = call;
    if (!isModelled(call) || isReadOnly({ serviceId, operationName, known: operation !== undefined })) return [];
    // A creation that failed made nothing that could be looked up.
    if (error !== undefined && /^(?:Create|Run|Allocate|Import|Register|Request|Copy)/.test(operationName)) return [];
    return ec2LookupResources(shown);
  },
};

/** EC2 confirms whatever has nothing else to answer; backends that emulate it leave that out now and then. */
function confirmed(shape: StructureShape | undefined, shown: JsonObject | null): JsonObject | null {
  const confirms = shape === undefined || shape.members.has("Return");
  return confirms && shown !== null && shown["_return"] === undefined ? { ...shown, _return: true } : shown;
}

function isModelled(call: ApiCall): boolean {
  return call.operation !== undefined && ec2ModelledOperations.has(call.operationName);
}

/** Undefined where the body was not captured as a whole: half a request would say what nobody asked for. */
function formPairs(call: ApiCall): readonly FormPair[] | undefined {
  const { query, headers, bodyTruncated, bodyBytes } = call.request;
  if (bodyTruncated) return undefined;
  const body = capturedBody(headers, call.request.body);
  if (body === undefined) return bodyBytes === 0 ? query : undefined;
  return [...query, ...parseForm(body)];
}

function answer(call: ApiCall): XmlElement | undefined {
  const { response } = call;
  if (response === undefined || response.bodyTruncated) return undefined;
  const body = capturedBody(response.headers, response.body);
  return body === undefined ? undefined : asEc2Writes(parseXml(body), call.requestId);
}

/** Namespace of EC2's answers; backends that emulate it leave the last slash out. */
const NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";

/** The answer with EC2's namespace, and with the request id that stands at the record's top, as the two never differ on AWS. */
function asEc2Writes(root: XmlElement, requestId: string): XmlElement {
  return {
    ...root,
    attributes: new Map([["xmlns", NAMESPACE]]),
    children: root.children.map((child) => (localName(child.name) === "requestId" ? { ...child, text: requestId } : child)),
  };
}

function redacted(call: ApiCall, side: "request" | "response", shown: JsonObject | null): JsonObject | null {
  return shown === null ? null : redact(shown, side, call.serviceId, call.operationName, { showSessionTokens: false });
}
