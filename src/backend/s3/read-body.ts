import { compose } from "node:stream";
import { AwsError } from "../../aws/aws-error.ts";
import { DecodeError } from "../../aws/codec/decode-failure.ts";
import { localName, parseXml, type XmlElement } from "../../aws/xml/parse-xml.ts";
import { unframing } from "./incoming-body.ts";
import type { S3Call } from "./s3-call.ts";

/** The XML bodies of S3 are small; CompleteMultipartUpload with 10,000 parts is the largest. */
const MAX_BYTES = 4 * 1024 * 1024;

export async function readText(call: S3Call): Promise<string> {
  const decoder = unframing(call);
  const chunks: Buffer[] = [];
  let length = 0;
  const content = decoder === undefined ? call.body : compose(call.body, decoder);
  for await (const chunk of content as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new AwsError("MaxMessageLengthExceeded", "Your request was too big.", 400);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The body's root element, which must be `root`. Throws `MalformedXML`. */
export async function readXml(call: S3Call, root: string): Promise<XmlElement> {
  return parseBody(await readText(call), root);
}

/** Throws `MalformedXML`. */
export function parseBody(text: string, root: string): XmlElement {
  try {
    const element = parseXml(text);
    if (localName(element.name) === root) return element;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  throw malformedXml();
}

export function malformedXml(): AwsError {
  return new AwsError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
    400,
  );
}

export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => localName(child.name) === name);
}

export function textOf(element: XmlElement, name: string): string | undefined {
  return childrenOf(element, name)[0]?.text;
}
