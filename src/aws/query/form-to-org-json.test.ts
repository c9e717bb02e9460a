import { describe, expect, it } from "vitest";
import { DecodeError } from "../codec/decode-failure.ts";
import { parseForm } from "./form.ts";
import { formToOrgJson } from "./form-to-org-json.ts";

function convert(form: string): string {
  return JSON.stringify(formToOrgJson(parseForm(form)));
}

describe("formToOrgJson", () => {
  it("gives the empty string for a request without parameters", () => {
    expect(convert("Action=CreateDefaultVpc&Version=2016-11-15")).toBe('""');
  });

  it("drops what belongs to the signature", () => {
    expect(
      convert(
        "Action=A&Version=1&AWSAccessKeyId=k&Signature=s&SignatureVersion=2&SignatureMethod=HmacSHA256&Timestamp=t&Expires=e" +
          "&SecurityToken=x&X-Amz-Algorithm=a&X-Amz-Credential=c&X-Amz-Signature=s&VpcId=vpc-1",
      ),
    ).toBe('{"VpcId":"vpc-1"}');
  });

  it("tags elements of lists, scalars with content", () => {
    expect(convert("VpcId.1=vpc-1")).toBe('{"VpcId":{"tag":1,"content":"vpc-1"}}');
    expect(convert("VpcId.1=vpc-1&VpcId.2=vpc-2")).toBe('{"VpcId":[{"tag":1,"content":"vpc-1"},{"tag":2,"content":"vpc-2"}]}');
    expect(convert("Filter.1.Name=vpc-id&Filter.1.Value.1=a&Filter.1.Value.2=b&Filter.2.Name=x&Filter.2.Value.1=1")).toBe(
      '{"Filter":[{"tag":1,"Name":"vpc-id","Value":[{"tag":1,"content":"a"},{"tag":2,"content":"b"}]},' +
        '{"tag":2,"Name":"x","Value":{"tag":1,"content":1}}]}',
    );
  });

  it("orders elements by number, whatever their order on the wire", () => {
    expect(convert("A.10=c&A.2=b&A.1=a")).toBe(
      '{"A":[{"tag":1,"content":"a"},{"tag":2,"content":"b"},{"tag":10,"content":"c"}]}',
    );
  });

  it("coerces booleans and numbers, and nests structures", () => {
    expect(convert("DryRun=true&Options.Size=5&Options.Owner=000123123123&Empty=")).toBe(
      '{"DryRun":true,"Options":{"Size":5,"Owner":"000123123123"},"Empty":""}',
    );
  });

  it("bounds depth", () => {
    expect(() => formToOrgJson([["a.".repeat(1000), "b"]])).toThrow(DecodeError);
    expect(() => formToOrgJson([[".".repeat(5_000_000), "b"]])).toThrow(DecodeError);
  });

  it("takes __proto__ as a name like any other", () => {
    expect(convert("__proto__.polluted=1")).toBe('{"__proto__":{"polluted":1}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
