import { DecodeBudget } from "../codec/decode-budget.ts";
import { DecodeError } from "../codec/decode-failure.ts";

/** An element as it stood in the document: names keep their prefixes, and namespace declarations are attributes. */
export interface XmlElement {
  readonly name: string;
  /** In document order. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Text and CDATA directly below, joined; "" where an element with children has only white space between them. */
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  attributes: Map<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/** An element takes about as much memory as this many plain values. */
const ELEMENT_COST = 2;
/** Shared by all elements without attributes, which are most; never written to. */
const NONE = new Map<string, string>();
const NAME = /[\p{L}_:][\p{L}\p{N}\p{M}_:.·-]*/uy;
const ATTRIBUTE = /\s+([\p{L}_:][\p{L}\p{N}\p{M}_:.·-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/uy;
const TAG_END = /\s*\/?>/y;
const TAG_CLOSED = /\s*>/y;
const REFERENCE = /&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,8})|(lt|gt|amp|quot|apos));|&/g;
const NAMED = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

/**
 * Reads one XML 1.0 document in UTF-8 and returns its root. Well-formedness is checked as far as it decides what the
 * document says. A document type declaration is refused, so there are no entities but the five of XML and character
 * references. Throws `DecodeError`; time is linear in the length.
 */
export function parseXml(document: Uint8Array | string, budget: DecodeBudget = new DecodeBudget()): XmlElement {
  const source = typeof document === "string" ? document.replace(/^\uFEFF/, "") : new TextDecoder().decode(document);
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let at = 0;

  const close = (element: OpenElement): void => {
    if (element.children.length > 0 && element.text.trim() === "") element.text = "";
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
  };

  while (at < source.length) {
    const bracket = source.indexOf("<", at);
    addText(open.at(-1), source.slice(at, bracket === -1 ? source.length : bracket));
    if (bracket === -1) break;
    at = bracket + 1;

    if (source.startsWith("!--", at)) at = after(source, "-->", at + 3);
    else if (source.startsWith("?", at)) at = after(source, "?>", at + 1);
    else if (source.startsWith("![CDATA[", at)) {
      const element = open.at(-1);
      if (element === undefined) throw new DecodeError("XML has text outside its root element");
      const end = after(source, "]]>", at + 8);
      element.text += source.slice(at + 8, end - 3);
      at = end;
    } else if (source.startsWith("!", at)) throw new DecodeError("XML has a document type declaration");
    else if (source.startsWith("/", at)) {
      const element = open.pop();
      const name = element?.name ?? "";
      const end = source.startsWith(name, at + 1) ? endOf(TAG_CLOSED, source, at + 1 + name.length) : -1;
      if (element === undefined || end === -1) throw new DecodeError("XML has an end tag that closes nothing");
      at = end;
      close(element);
    } else {
      if (root !== undefined) throw new DecodeError("XML has more than one root element");
      budget.spend(open.length, ELEMENT_COST);
      const nameEnd = endOf(NAME, source, at);
      if (nameEnd === -1) throw new DecodeError("XML has a tag without a name");
      const element: OpenElement = { name: source.slice(at, nameEnd), attributes: NONE, children: [], text: "" };
      at = nameEnd;
      for (let found = attributeAt(source, at); found !== undefined; found = attributeAt(source, at)) {
        const [whole, attribute = "", quoted = found[3] ?? ""] = found;
        budget.spend(open.length);
        if (element.attributes.has(attribute)) throw new DecodeError("XML has an attribute twice");
        if (element.attributes === NONE) element.attributes = new Map();
        element.attributes.set(attribute, unescape(quoted));
        at += whole.length;
      }
      at = endOf(TAG_END, source, at);
      if (at === -1) throw new DecodeError("XML has a tag that does not end");
      if (source[at - 2] === "/") close(element);
      else open.push(element);
    }
  }

  if (open.length > 0) throw new DecodeError("XML ends inside an element");
  if (root === undefined) throw new DecodeError("XML has no root element");
  return root;
}

/** The name without its prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/** Behind what the pattern finds at `at`; -1 where it finds nothing. */
function endOf(pattern: RegExp, source: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(source) ? pattern.lastIndex : -1;
}

function attributeAt(source: string, at: number): RegExpExecArray | undefined {
  // Most tags end behind their names.
  if (source[at] === ">") return undefined;
  ATTRIBUTE.lastIndex = at;
  return ATTRIBUTE.exec(source) ?? undefined;
}

function after(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from);
  if (found === -1) throw new DecodeError(`XML ends before ${mark}`);
  return found + mark.length;
}

function addText(element: OpenElement | undefined, text: string): void {
  if (text === "") return;
  if (element !== undefined) element.text += unescape(text);
  else if (text.trim() !== "") throw new DecodeError("XML has text outside its root element");
}

function unescape(text: string): string {
  const lines = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  if (!lines.includes("&")) return lines;
  return lines.replace(REFERENCE, (_, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return NAMED.get(name) ?? "";
    if (hex === undefined && decimal === undefined) throw new DecodeError("XML has an unknown entity");
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    const scalar = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    if (!scalar) throw new DecodeError("XML refers to a character that does not exist");
    return String.fromCodePoint(code);
  });
}
