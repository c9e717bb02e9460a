import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { uriLabels } from "./uri-labels.ts";

describe("uriLabels", () => {
  it.each([
    ["/", "/", {}],
    ["/a/{X}", "/a/b%20c", { X: "b c" }],
    ["/a/{X}/b", "/a/1%2F2/b", { X: "1/2" }],
    ["/{Bucket}/{Key+}?x-id=GetObject", "/b/a/b//c%2520", { Bucket: "b", Key: "a/b//c%20" }],
    ["/{Bucket}/{Key+}", "/b//c/", { Bucket: "b", Key: "/c/" }],
    ["/r/{Name+}/policy", "/r/a/b/policy", { Name: "a/b" }],
    ["/a/{X}", "/a/b/", { X: "b" }],
    ["/a/", "/a", {}],
    ["/a/{X}", "/a/100%", { X: "100%" }],
    ["/{X}", "/__proto__", { X: "__proto__" }],
  ])("%s of %s", (uri, path, labels) => {
    expect(Object.fromEntries(uriLabels(uri, path) ?? [["nothing", "found"]])).toEqual(labels);
  });

  it.each([
    ["/a/{X}", "/b/c"],
    ["/a/{X}", "/a/b/c"],
    ["/a/{X}/b", "/a/b"],
    ["/{Bucket}/{Key+}", "/b"],
    ["/r/{Name+}/policy", "/r/a/b"],
  ])("finds nothing for %s in %s", (uri, path) => {
    expect(uriLabels(uri, path)).toBeUndefined();
  });

  it("puts labels that the template leaves out in front", () => {
    expect(uriLabels("/{Key+}", "/b/a/b", ["Bucket"])).toEqual(
      new Map([
        ["Bucket", "b"],
        ["Key", "a/b"],
      ]),
    );
    expect(uriLabels("/?acl", "/b", ["Bucket"])).toEqual(new Map([["Bucket", "b"]]));
    expect(uriLabels("/?acl", "/b/", ["Bucket"])).toEqual(new Map([["Bucket", "b"]]));
  });

  it("undoes encodeURIComponent", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (text) => {
        const label = text.toWellFormed();
        expect(uriLabels("/a/{X}/b", `/a/${encodeURIComponent(label)}/b`)?.get("X")).toBe(label);
      }),
    );
  });
});
