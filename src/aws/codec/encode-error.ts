import { createHash } from "node:crypto";
import type { AwsError } from "../aws-error.ts";
import type { Service } from "../catalogue/model.ts";
import type { Protocol } from "../protocol.ts";
import { encodeCborTexts } from "../cbor/encode-cbor-texts.ts";
import { escapeXml } from "../xml/escape-xml.ts";

/** What an error answer says beside the error itself. */
export interface ErrorFacts {
  readonly requestId: string;
  readonly service: Service | undefined;
  /** The answer is S3's, whose errors have a form of their own. Read off `service` where not given. */
  readonly isS3?: boolean;
  /** Path of the bucket or object, for S3. */
  readonly resource?: string;
  /** The request was HEAD, so there is no body. */
  readonly head?: boolean;
}

export interface EncodedAnswer {
  readonly status: number;
  /** Name and value in turn. */
  readonly headers: string[];
  readonly body: Uint8Array;
}

/**
 * Renders an error as the caller's own protocol has it, so that its SDK raises the exception of that name. The status is
 * the error's; the request id stands where clients of that protocol look for it.
 */
export function encodeError(protocol: Protocol, error: AwsError, facts: ErrorFacts): EncodedAnswer {
  const { headers, body } = render(protocol, error, facts);
  if (facts.head === true) return { status: error.status, headers, body: new Uint8Array() };
  return { status: error.status, headers: [...headers, "Content-Length", String(body.length)], body };
}

interface Rendered {
  readonly headers: string[];
  readonly body: Uint8Array;
}

function render(protocol: Protocol, error: AwsError, facts: ErrorFacts): Rendered {
  switch (protocol) {
    case "awsJson1_0":
    case "awsJson1_1": {
      const type = protocol === "awsJson1_0" ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1";
      // CloudTrail writes the member with a capital; clients read both.
      const member = facts.service?.id === "cloudtrail" ? "Message" : "message";
      return answer(type, facts, JSON.stringify({ __type: error.code, [member]: error.message }));
    }
    case "restJson1": {
      const { headers, body } = answer("application/json", facts, JSON.stringify({ message: error.message }));
      return { headers: [...headers, "x-amzn-ErrorType", headerText(error.code)], body };
    }
    case "rpcv2Cbor": {
      const { headers } = answer("application/cbor", facts, "");
      const body = encodeCborTexts([
        ["__type", error.code],
        ["message", error.message],
      ]);
      return { headers: [...headers, "smithy-protocol", "rpc-v2-cbor"], body };
    }
    case "awsQuery":
      return answer("text/xml", facts, errorResponse(error, facts));
    case "ec2Query":
      return answer("text/xml;charset=UTF-8", facts, ec2Response(error, facts));
    case "restXml":
      return (facts.isS3 ?? facts.service?.id === "s3")
        ? s3Answer(error, facts)
        : answer("text/xml", facts, errorResponse(error, facts));
  }
}

function answer(contentType: string, facts: ErrorFacts, body: string): Rendered {
  return {
    headers: ["x-amzn-RequestId", headerText(facts.requestId), "Content-Type", contentType],
    body: new TextEncoder().encode(body),
  };
}

/** "Common errors" of the query services, and the same of restXml services other than S3. */
function errorResponse(error: AwsError, facts: ErrorFacts): string {
  const namespace = facts.service?.xmlNamespace;
  const type = error.fault === "client" ? "Sender" : "Receiver";
  return (
    `<ErrorResponse${namespace === undefined ? "" : ` xmlns="${escapeXml(namespace)}"`}>` +
    `<Error>${element("Type", type)}${codeAndMessage(error)}</Error>${element("RequestId", facts.requestId)}</ErrorResponse>`
  );
}

function ec2Response(error: AwsError, facts: ErrorFacts): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<Response><Errors><Error>${codeAndMessage(error)}</Error></Errors>${element("RequestID", facts.requestId)}</Response>`
  );
}

/** "REST error responses" of the Amazon S3 API Reference. */
function s3Answer(error: AwsError, facts: ErrorFacts): Rendered {
  const hostId = hostIdOf(facts.requestId);
  const resource = facts.resource === undefined ? "" : element("Resource", facts.resource);
  const members = Object.entries(error.members).map(([name, text]) => element(name, text));
  const body =
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<Error>${codeAndMessage(error)}${members.join("")}${resource}${element("RequestId", facts.requestId)}${element("HostId", hostId)}</Error>`;
  return {
    headers: ["x-amz-request-id", headerText(facts.requestId), "x-amz-id-2", hostId, "Content-Type", "application/xml"],
    body: new TextEncoder().encode(body),
  };
}

/** S3's second id is opaque: 56 bytes in base64. Taken from the first, so that the two can be told to belong together. */
function hostIdOf(requestId: string): string {
  return createHash("sha512").update(requestId).digest().subarray(0, 56).toString("base64");
}

function codeAndMessage(error: AwsError): string {
  return element("Code", error.code) + element("Message", error.message);
}

function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}

/** Header values are visible ASCII here: anything else could end the header. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "");
}
