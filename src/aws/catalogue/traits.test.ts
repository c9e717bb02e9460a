import { expect, test } from "vitest";
import { mergeTraits, noTraits } from "./traits.ts";

test("a member's traits stand over those of its target", () => {
  expect(mergeTraits({ sensitive: true, mediaType: "a/b" }, { mediaType: "c/d", httpPayload: true })).toEqual({
    sensitive: true,
    mediaType: "c/d",
    httpPayload: true,
  });
});

test("a member is not called by the name that its target has as a root", () => {
  expect(mergeTraits({ xmlName: "Root", sensitive: true }, noTraits)).toEqual({ sensitive: true });
  expect(mergeTraits({ xmlName: "Root" }, { xmlName: "Member" })).toEqual({ xmlName: "Member" });
});
