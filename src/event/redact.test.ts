import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../aws/tree.ts";
import { redact } from "./redact.ts";

const off = { showSessionTokens: false };
const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";

describe("redact", () => {
  it("drops, empties and replaces", () => {
    expect(redact({ userName: "u", password: "p" }, "request", "iam", "CreateLoginProfile", off)).toEqual({ userName: "u" });
    expect(redact({ environment: { variables: { A: "b" } } }, "request", "lambda", "CreateFunction", off)).toEqual({
      environment: {},
    });
    const entries = { entries: [{ detail: "{}", source: "s" }, { source: "t" }] };
    expect(redact(entries, "request", "eventbridge", "PutEvents", off)).toEqual({
      entries: [{ detail: hidden, source: "s" }, { source: "t" }],
    });
  });

  it("keeps to its side", () => {
    const value = { parameter: { value: "v" } };
    expect(redact(value, "response", "ssm", "GetParameter", off)).toEqual({ parameter: { value: hidden } });
    expect(redact(value, "request", "ssm", "GetParameter", off)).toBe(value);
  });

  it("finds names at any depth and in either case", () => {
    const value = { a: [{ b: { SecretAccessKey: "x", masterUserPassword: "y" } }] };
    expect(redact(value, "response", "unheard-of", "Any", off)).toEqual({ a: [{ b: { masterUserPassword: hidden } }] });
  });

  it("shows session tokens only if told", () => {
    const value = { credentials: { sessionToken: "t", secretAccessKey: "s" } };
    expect(redact(value, "response", "sts", "AssumeRole", off)).toEqual({ credentials: { sessionToken: hidden } });
    expect(redact(value, "response", "sts", "AssumeRole", { showSessionTokens: true })).toEqual({
      credentials: { sessionToken: "t" },
    });
  });

  it("leaves its argument as it was, and is the same done twice", () => {
    const names = fc.constantFrom("password", "secretAccessKey", "environment", "userName", "entries", "value", "__proto__");
    const { tree } = fc.letrec<{ tree: JsonObject; value: Json }>((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.array(tie("value"), { maxLength: 3 }), tie("tree")),
      tree: fc.dictionary(names, tie("value"), { maxKeys: 4, noNullPrototype: false }),
    }));
    fc.assert(
      fc.property(
        tree,
        fc.constantFrom("lambda:CreateFunction", "iam:ChangePassword", "ecs:RegisterTaskDefinition"),
        (value, call) => {
          const [service = "", operation = ""] = call.split(":");
          const before = JSON.stringify(value);
          const once = redact(value, "request", service, operation, off);
          expect(JSON.stringify(value)).toBe(before);
          expect(redact(once, "request", service, operation, off)).toEqual(once);
          expect(JSON.stringify(once)).not.toContain('"secretAccessKey"');
        },
      ),
    );
  });
});
