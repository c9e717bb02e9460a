import { escapeXml } from "../../aws/xml/escape-xml.ts";

/** What an XML answer is made of: a list repeats its element, undefined leaves it out. */
export type XmlContent =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlContent[]
  | { readonly [element: string]: XmlContent };

/** An S3 answer document. */
export function s3Xml(root: string, content: XmlContent): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside(content)}</${root}>`;
}

function inside(content: XmlContent): string {
  if (content === undefined) return "";
  if (typeof content !== "object") return escapeXml(String(content));
  return Object.entries(content)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one: XmlContent) => element(name, one)))
    .join("");
}

function element(name: string, content: XmlContent): string {
  return content === undefined ? "" : `<${name}>${inside(content)}</${name}>`;
}

export function isoMilliseconds(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString();
}
