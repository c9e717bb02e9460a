import { AwsError } from "../../aws/aws-error.ts";
import type { XmlElement } from "../../aws/xml/parse-xml.ts";
import { childrenOf, textOf } from "./read-body.ts";
import { s3Xml } from "./s3-xml.ts";
import type { Tags } from "./stored.ts";

export function taggingXml(tags: Tags): string {
  return s3Xml("Tagging", { TagSet: { Tag: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } });
}

/** A `Tagging` document with at most `most` tags: 50 on a bucket, 10 on an object. */
export function parseTagging(element: XmlElement, most: number): Tags {
  const pairs = childrenOf(element, "TagSet")
    .flatMap((set) => childrenOf(set, "Tag"))
    .map((tag) => [textOf(tag, "Key") ?? "", textOf(tag, "Value") ?? ""] as const);
  return checked(pairs, most);
}

/** The `x-amz-tagging` header: a form. */
export function parseTagHeader(header: string | undefined): Tags {
  return header === undefined ? {} : checked([...new URLSearchParams(header)], 10);
}

function checked(pairs: readonly (readonly [string, string])[], most: number): Tags {
  if (pairs.length > most) throw new AwsError("BadRequest", `Object tags cannot be greater than ${most}`, 400);
  const tags = Object.create(null) as Record<string, string>;
  for (const [key, value] of pairs) {
    if (key === "" || key.length > 128) throw new AwsError("InvalidTag", "The TagKey you have provided is invalid", 400);
    if (value.length > 256) throw new AwsError("InvalidTag", "The TagValue you have provided is invalid", 400);
    if (key in tags) throw new AwsError("InvalidTag", "Cannot provide multiple Tags with the same key", 400);
    tags[key] = value;
  }
  return tags;
}
