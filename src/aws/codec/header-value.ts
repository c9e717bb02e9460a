import type { Member } from "../catalogue/model.ts";
import type { Tree } from "../tree.ts";
import { scalarFromText } from "./scalar.ts";

/** Reads a header that is bound to `member`: lists are separated by commas, strings with a media type are base64. */
export function headerToTree(member: Member, text: string): Tree {
  const shape = member.target;
  if (shape.kind === "list") {
    const dates = shape.member.target.kind === "timestamp" && /^\s*[A-Z][a-z]{2},/.test(text);
    return (dates ? splitDates(text) : splitHeader(text)).map((value) => headerToTree(shape.member, value));
  }
  if (shape.kind === "structure" || shape.kind === "map") return text;
  if (shape.kind === "string" && member.traits.mediaType !== undefined) return fromBase64(text);
  return scalarFromText(shape, text);
}

/** Splits at commas outside quotes; quotes and their escapes are taken off. Time is linear in the length. */
export function splitHeader(text: string): string[] {
  const values: string[] = [];
  let value = "";
  let state: "before" | "plain" | "quoted" | "after" = "before";
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (state === "quoted") {
      if (character === '"') state = "after";
      else if (character === "\\" && at + 1 < text.length) {
        at += 1;
        value += text.charAt(at);
      } else value += character;
    } else if (character === ",") {
      values.push(state === "plain" ? value.trim() : value);
      value = "";
      state = "before";
    } else if (state === "before" && character === '"') state = "quoted";
    else if (state === "plain" || character.trim() !== "") {
      value += character;
      if (state === "before") state = "plain";
    }
  }
  values.push(state === "plain" ? value.trim() : value);
  return values;
}

/** HTTP dates hold one comma each. */
function splitDates(text: string): string[] {
  const parts = text.split(",");
  const dates: string[] = [];
  for (let at = 0; at < parts.length; at += 2)
    dates.push(
      parts
        .slice(at, at + 2)
        .join(",")
        .trim(),
    );
  return dates;
}

function fromBase64(text: string): string {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64").replace(/=+$/, "") === text.replace(/=+$/, "") ? bytes.toString("utf8") : text;
}
