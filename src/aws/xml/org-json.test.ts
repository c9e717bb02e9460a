import { describe, expect, it } from "vitest";
import { xmlToOrgJson } from "./org-json.ts";
import { parseXml } from "./parse-xml.ts";

function convert(document: string): string {
  return JSON.stringify(xmlToOrgJson(parseXml(document)));
}

describe("xmlToOrgJson", () => {
  it("puts xmlns first, then the other attributes, then the elements", () => {
    expect(convert('<V a="b" xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></V>')).toBe(
      '{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","a":"b","Status":"Enabled"}',
    );
  });

  it("makes arrays of repeated elements and objects of single ones", () => {
    expect(convert("<A><S><item><id>a</id></item></S><T><item>b</item><item>c</item></T><U/></A>")).toBe(
      '{"S":{"item":{"id":"a"}},"T":{"item":["b","c"]},"U":""}',
    );
  });

  it("coerces booleans and whole numbers without leading zero", () => {
    expect(convert("<A><a>true</a><b>false</b><c>123123123123</c><d>000123123123</d><e>1.5</e><f>-7</f><g>0</g></A>")).toBe(
      '{"a":true,"b":false,"c":123123123123,"d":"000123123123","e":"1.5","f":-7,"g":0}',
    );
    expect(convert("<A>99999999999999999999</A>")).toBe('"99999999999999999999"');
    expect(JSON.stringify(xmlToOrgJson(parseXml("<A>true</A>"), { coerce: false }))).toBe('"true"');
  });

  it("puts text beside attributes or elements into content", () => {
    expect(convert('<A b="1">c</A>')).toBe('{"b":1,"content":"c"}');
    expect(convert("<A>c<b/></A>")).toBe('{"b":"","content":"c"}');
  });

  it("gives the empty string for an empty element", () => {
    expect(convert("<A/>")).toBe('""');
  });

  it("takes an element called __proto__ as a name like any other", () => {
    const json = xmlToOrgJson(parseXml("<A><__proto__><x>1</x></__proto__></A>"));
    expect(JSON.stringify(json)).toBe('{"__proto__":{"x":1}}');
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});
