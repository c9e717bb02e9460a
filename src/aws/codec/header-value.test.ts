import { describe, expect, it } from "vitest";
import type { Member } from "../catalogue/model.ts";
import { headerToTree, splitHeader } from "./header-value.ts";

function member(kind: "string" | "timestamp" | "number", traits: Member["traits"] = {}): Member {
  return { name: "m", target: { kind, traits: {} }, traits };
}

function listOf(kind: "string" | "timestamp" | "number"): Member {
  return { name: "m", target: { kind: "list", name: "l", member: member(kind), traits: {} }, traits: {} };
}

describe("header values", () => {
  it("are split at commas outside quotes", () => {
    expect(splitHeader("a, b ,c")).toEqual(["a", "b", "c"]);
    expect(splitHeader('"a,b", " c\\"d\\\\", e"f')).toEqual(["a,b", ' c"d\\', 'e"f']);
    expect(splitHeader('"open')).toEqual(["open"]);
    expect(splitHeader("")).toEqual([""]);
  });

  it("are typed by the model", () => {
    expect(headerToTree(listOf("number"), "1, 2,x")).toEqual([1, 2, "x"]);
    expect(headerToTree(listOf("timestamp"), "Mon, 02 Mar 2026 09:06:41 GMT, Tue, 03 Mar 2026 09:06:41 GMT")).toEqual([
      new Date("2026-03-02T09:06:41Z"),
      new Date("2026-03-03T09:06:41Z"),
    ]);
    expect(headerToTree(listOf("timestamp"), "2026-03-02T09:06:41Z,2026-03-03T09:06:41Z")).toHaveLength(2);
  });

  it("with a media type are base64, if they are", () => {
    const json = member("string", { mediaType: "application/json" });
    expect(headerToTree(json, Buffer.from('{"a":1}').toString("base64"))).toBe('{"a":1}');
    expect(headerToTree(json, '{"a":1}')).toBe('{"a":1}');
  });
});
