import type { Member, Operation, StructureShape } from "../catalogue/model.ts";
import type { Tree, TreeObject } from "../tree.ts";
import { escapeXml } from "../xml/escape-xml.ts";
import type { EncodedAnswer } from "./encode-error.ts";
import { isTreeObject } from "./tree-builder.ts";

/** The answer of an awsQuery operation: `<OpResponse><OpResult>…</OpResult><ResponseMetadata>…</ResponseMetadata></OpResponse>`. */
export function encodeQueryResponse(operation: Operation, output: TreeObject, requestId: string): EncodedAnswer {
  const { name, service } = operation;
  const namespace = service.xmlNamespace === undefined ? "" : ` xmlns="${escapeXml(service.xmlNamespace)}"`;
  const result = operation.output === undefined ? "" : tag(`${name}Result`, members(operation.output, output));
  const metadata = tag("ResponseMetadata", tag("RequestId", escapeXml(requestId)));
  const body = new TextEncoder().encode(
    `<?xml version="1.0"?><${name}Response${namespace}>${result}${metadata}</${name}Response>`,
  );
  const headers = ["x-amzn-RequestId", requestId, "Content-Type", "text/xml", "Content-Length", String(body.length)];
  return { status: 200, headers, body };
}

function members(shape: StructureShape, value: TreeObject): string {
  let xml = "";
  for (const member of shape.members.values()) {
    const found = value[member.name];
    if (found !== undefined && found !== null) xml += element(member.traits.xmlName ?? member.name, member, found);
  }
  return xml;
}

function element(name: string, member: Member, value: Tree): string {
  const { target, traits } = member;
  const flattened = traits.xmlFlattened === true;
  if (target.kind === "structure" && isTreeObject(value)) return tag(name, members(target, value));
  if (target.kind === "list" && Array.isArray(value)) {
    const itemName = flattened ? name : (target.member.traits.xmlName ?? "member");
    const items = value.map((item: Tree) => element(itemName, target.member, item)).join("");
    return flattened ? items : tag(name, items);
  }
  if (target.kind === "map" && isTreeObject(value)) {
    const entries = Object.entries(value).map(([key, item]) =>
      tag(
        flattened ? name : "entry",
        tag(target.key.traits.xmlName ?? "key", escapeXml(key)) +
          element(target.value.traits.xmlName ?? "value", target.value, item),
      ),
    );
    return flattened ? entries.join("") : tag(name, entries.join(""));
  }
  return tag(name, escapeXml(text(value)));
}

function text(value: Tree): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Date) return value.toISOString();
  return String(value);
}

function tag(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}
