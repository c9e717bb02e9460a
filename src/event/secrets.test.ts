import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../aws/catalogue/catalogue.ts";
import type { Member, Operation, Shape } from "../aws/catalogue/model.ts";
import type { Tree, TreeObject } from "../aws/tree.ts";
import type { ApiCall } from "./api-call.ts";
import { createEventBuilder } from "./build-event.ts";
import { alice } from "./golden.test-support.ts";

const SECRET = "MARKED-SECRET";
const MAX_DEPTH = 7;

/** Members that give access whatever the model says of them. */
const alwaysSecret = /^(?:secretAccessKey|sessionToken|password|masterUserPassword|secretString|secretBinary|clientSecret)$/i;

/** Public by nature though the model calls it sensitive: Cognito's own records show it. */
const shownAllTheSame = "ClientId";

/** A value for every member of a shape; whatever stands in or below a sensitive member carries the mark. */
function sample(shape: Shape, secret: boolean, depth: number): Tree {
  const word = secret ? SECRET : "plain";
  switch (shape.kind) {
    case "structure": {
      const tree: Record<string, Tree> = {};
      if (depth > MAX_DEPTH) return tree;
      for (const member of shape.members.values()) tree[member.name] = sampleMember(member, secret, depth + 1);
      return tree;
    }
    case "list":
      return depth > MAX_DEPTH ? [] : [sampleMember(shape.member, secret, depth + 1)];
    case "map":
      return depth > MAX_DEPTH
        ? {}
        : { [isSecret(shape.key, secret) ? SECRET : "key"]: sampleMember(shape.value, secret, depth + 1) };
    case "blob":
      return new TextEncoder().encode(SECRET);
    case "boolean":
      return true;
    case "timestamp":
      return new Date(0);
    case "number":
    case "bigInteger":
    case "bigDecimal":
      return 1;
    default:
      return word;
  }
}

function sampleMember(member: Member, secret: boolean, depth: number): Tree {
  return sample(member.target, isSecret(member, secret), depth);
}

function isSecret(member: Member, inherited: boolean): boolean {
  if (!inherited && member.name === shownAllTheSame) return false;
  return inherited || member.traits.sensitive === true || alwaysSecret.test(member.name);
}

function callOf(operation: Operation, input: TreeObject | undefined, output: TreeObject | undefined): ApiCall {
  const headers = new Map<string, string>();
  return {
    eventId: "eeeeeeee-0000-4000-8000-000000000001",
    requestId: "r",
    startedAt: 0,
    completedAt: 1000,
    operation,
    serviceId: operation.service.id,
    signingName: operation.service.signingName,
    operationName: operation.name,
    region: "us-east-1",
    accountId: "123456789012",
    caller: alice,
    sourceIp: "198.51.100.24",
    userAgent: undefined,
    signature: { version: "SigV4", method: "header" },
    tls: undefined,
    request: { method: "POST", path: "/", query: [], headers, host: "h", body: undefined, bodyTruncated: false, bodyBytes: 0 },
    response: { status: 200, headers, body: undefined, bodyTruncated: false, bodyBytes: 0, startedAt: 0 },
    input,
    output,
    error: undefined,
  };
}

describe("what the model calls sensitive", () => {
  const builder = createEventBuilder({ newId: () => "ffffffff-0000-4000-8000-000000000001" });

  for (const service of loadCatalogue().services) {
    it(`of ${service.id} never stands in a record`, () => {
      let shown = 0;
      for (const name of service.operationNames) {
        const operation = service.operation(name);
        if (operation === undefined) continue;
        const input = operation.input === undefined ? undefined : (sample(operation.input, false, 0) as TreeObject);
        const output = operation.output === undefined ? undefined : (sample(operation.output, false, 0) as TreeObject);
        for (const { record } of builder.build(callOf(operation, input, output))) {
          const text = new TextDecoder().decode(record);
          expect(text.includes(SECRET) ? text.slice(Math.max(0, text.indexOf(SECRET) - 200)) : "").toBe("");
          expect(text).not.toContain('"incomplete"');
          if (text.includes("plain")) shown += 1;
        }
      }
      // The samples are really shown: a builder that showed nothing would pass the above. EC2 and S3 read the wire.
      if (service.id !== "s3" && service.id !== "ec2" && service.id !== "sagemaker-runtime") expect(shown).toBeGreaterThan(0);
    });
  }
});
