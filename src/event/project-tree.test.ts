import { describe, expect, it } from "vitest";
import type { Member, Shape, StructureShape, Traits } from "../aws/catalogue/model.ts";
import { projectStructure } from "./project-tree.ts";

const member = (name: string, target: Shape, traits: Traits = {}): Member => ({
  name,
  target,
  traits: { ...target.traits, ...traits },
});
const structure = (...members: readonly Member[]): StructureShape => ({
  kind: "structure",
  name: "S",
  union: false,
  members: new Map(members.map((each) => [each.name, each])),
  traits: {},
});
const string: Shape = { kind: "string", traits: {} };
const number: Shape = { kind: "number", traits: {} };
const blob: Shape = { kind: "blob", traits: {} };
const timestamp: Shape = { kind: "timestamp", traits: {} };
const big: Shape = { kind: "bigInteger", traits: {} };
const list = (of: Member): Shape => ({ kind: "list", name: "L", member: of, traits: {} });
const map = (key: Member, value: Member): Shape => ({ kind: "map", name: "M", key, value, traits: {} });

describe("projectStructure", () => {
  it("lowers the first letter of members, in the model's order, and leaves map keys alone", () => {
    const inner = structure(member("KMSKeyId", string), member("MD5OfBody", string));
    const shape = structure(
      member("DBInstanceIdentifier", string),
      member("Tags", map(member("key", string), member("value", string))),
      member("Items", list(member("member", inner))),
    );
    const tree = { Items: [{ MD5OfBody: "m", KMSKeyId: "k" }], Tags: { Team: "x", __proto__: null }, DBInstanceIdentifier: "d" };
    expect(JSON.stringify(projectStructure(shape, tree, "lower-first"))).toBe(
      '{"dBInstanceIdentifier":"d","tags":{"Team":"x"},"items":[{"kMSKeyId":"k","mD5OfBody":"m"}]}',
    );
    expect(projectStructure(shape, { DBInstanceIdentifier: "d" }, "as-modelled")).toEqual({ DBInstanceIdentifier: "d" });
  });

  it("drops bytes and streams, and is null when nothing is left", () => {
    const shape = structure(
      member("Plaintext", blob),
      member("Body", string, { streaming: true }),
      member("Status", number, { httpResponseCode: true }),
    );
    expect(projectStructure(shape, { Plaintext: new Uint8Array(3), Body: "b", Status: 200 }, "lower-first")).toBeNull();
  });

  it("writes times in whole seconds and keeps integers exact", () => {
    const shape = structure(member("At", timestamp), member("Small", big), member("Large", big), member("Odd", number));
    const tree = { At: new Date("2026-03-02T09:06:41.987Z"), Small: 5n, Large: 2n ** 63n, Odd: Number.NaN };
    expect(projectStructure(shape, tree, "lower-first")).toEqual({
      at: "2026-03-02T09:06:41Z",
      small: 5,
      large: "9223372036854775808",
      odd: "NaN",
    });
    expect(projectStructure(shape, { At: new Date(Number.NaN) }, "lower-first")).toBeNull();
  });

  it("hides everything at and below a sensitive member", () => {
    const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";
    const inner = structure(member("Name", string), member("Age", number), member("Photo", blob));
    const shape = structure(
      member("Secret", string, { sensitive: true }),
      member("Person", inner, { sensitive: true }),
      member("Words", list(member("member", string)), { sensitive: true }),
      member("Variables", map(member("key", string, { sensitive: true }), member("value", string))),
      member("Plain", inner),
    );
    const person = { Name: "n", Age: 3, Photo: new Uint8Array(1) };
    const tree = { Secret: "s", Person: person, Words: ["a", "b"], Variables: { KEY: "v" }, Plain: person };
    expect(projectStructure(shape, tree, "lower-first")).toEqual({
      secret: hidden,
      person: { name: hidden, age: hidden },
      words: [hidden, hidden],
      variables: {},
      plain: { name: "n", age: 3 },
    });
  });

  it("follows shapes that contain themselves", () => {
    const members = new Map<string, Member>();
    const node: StructureShape = { kind: "structure", name: "Node", union: false, members, traits: {} };
    members.set("Value", member("Value", string));
    members.set("Children", member("Children", list(member("member", node))));
    const tree = { Value: "a", Children: [{ Value: "b", Children: [] }] };
    expect(projectStructure(node, tree, "lower-first")).toEqual({ value: "a", children: [{ value: "b", children: [] }] });
  });

  it("shows nothing of a value that is not of its shape", () => {
    const shape = structure(
      member("List", list(member("member", string))),
      member("Map", map(member("k", string), member("v", string))),
    );
    expect(projectStructure(shape, { List: "not a list", Map: [1] }, "lower-first")).toBeNull();
  });
});
