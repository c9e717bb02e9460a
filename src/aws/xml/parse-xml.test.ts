import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpuTime } from "../codec/cpu-time.contract.ts";
import { DecodeBudget, MAX_DEPTH } from "../codec/decode-budget.ts";
import { DecodeError } from "../codec/decode-failure.ts";
import { escapeXml } from "./escape-xml.ts";
import { localName, parseXml } from "./parse-xml.ts";

describe("parseXml", () => {
  it("keeps names, prefixes, attributes and their order", () => {
    const root = parseXml(
      '<?xml version="1.0" encoding="UTF-8"?>\n<!-- a -->\n<A xmlns="urn:a" xmlns:x=\'urn:x\'><x:B x:type="t"/><C>c</C></A>\n',
    );
    expect(root.name).toBe("A");
    expect([...root.attributes]).toEqual([
      ["xmlns", "urn:a"],
      ["xmlns:x", "urn:x"],
    ]);
    expect(root.children.map(({ name }) => name)).toEqual(["x:B", "C"]);
    expect(root.children[0]?.attributes.get("x:type")).toBe("t");
    expect(localName("x:B")).toBe("B");
    expect(localName("B")).toBe("B");
  });

  it("joins text and CDATA, and drops white space between elements only", () => {
    expect(parseXml("<A> a<![CDATA[<&]]>b </A>").text).toBe(" a<&b ");
    expect(parseXml("<A>\n  <B>  </B>\n</A>")).toMatchObject({ text: "", children: [{ text: "  " }] });
    expect(parseXml("<A>a<B/>b</A>").text).toBe("ab");
  });

  it("reads the five entities, character references and line ends", () => {
    expect(parseXml("<A>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F388;\r\n\r</A>").text).toBe("<>&\"'A🎈\n\n");
    expect(parseXml('<A b="&lt;&#10;"/>').attributes.get("b")).toBe("<\n");
  });

  it("reads bytes with and without a mark", () => {
    expect(parseXml(new TextEncoder().encode("\uFEFF<A>ü</A>")).text).toBe("ü");
  });

  it.each([
    "",
    "text",
    "<A>",
    "</A>",
    "<A></B>",
    "<A/><B/>",
    "<A/>text",
    "<A b='1' b='2'/>",
    "<A b=1/>",
    "<A b='<'/>",
    "<A b='1'c='2'/>",
    "<A>&unknown;</A>",
    "<A>a & b</A>",
    "<A>&#0;</A>",
    "<A>&#xD800;</A>",
    "<A>&#x110000;</A>",
    "<!DOCTYPE A [<!ENTITY b 'c'>]><A>&b;</A>",
    "<A><!-- </A>",
    "<A><![CDATA[ </A>",
    "<?xml <A/>",
    "<1/>",
    "< A/>",
    "<A/ >",
    "</A/>",
  ])("refuses %s", (document) => {
    expect(() => parseXml(document)).toThrow(DecodeError);
  });

  it("refuses what is too deep or too much", () => {
    const nested = (depth: number): string => "<a>".repeat(depth) + "</a>".repeat(depth);
    expect(parseXml(nested(MAX_DEPTH + 1)).name).toBe("a");
    expect(() => parseXml(nested(MAX_DEPTH + 2))).toThrow(DecodeError);
    expect(parseXml(`<a>${"<b/>".repeat(40)}</a>`, new DecodeBudget(100)).children).toHaveLength(40);
    expect(() => parseXml(`<a>${"<b/>".repeat(100)}</a>`, new DecodeBudget(100))).toThrow(DecodeError);
    expect(() =>
      parseXml(`<a ${Array.from({ length: 200 }, (_, index) => `b${index}=""`).join(" ")}/>`, new DecodeBudget(100)),
    ).toThrow(DecodeError);
  });

  it("takes time in proportion to the length", () => {
    for (const part of ["<a ", "<a b='", "<!--", "<![CDATA[", "<?", "&", "<a b", " ", "<a\n", "<a b='1' "]) {
      const document = `<x>${part.repeat(200_000)}`;
      expect(cpuTime(() => expect(() => parseXml(document)).toThrow(DecodeError))).toBeLessThan(1_000);
    }
  });

  it("undoes escapeXml", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(text, (written) => {
        const clean = written
          .toWellFormed()
          .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}");
        const root = parseXml(`<A b="${escapeXml(written)}">${escapeXml(written)}</A>`);
        expect(root.text).toBe(clean);
        expect(root.attributes.get("b")).toBe(clean);
      }),
    );
    expect(parseXml(`<A>${escapeXml("\u0000\uD800\r]]>")}</A>`).text).toBe("\uFFFD\uFFFD\r]]>");
  });
});
