import { describe, expect, test } from "vitest";
import { loadCatalogue } from "./catalogue.ts";
import { Shapes } from "./shapes.ts";
import type { Member, Shape, Traits } from "./model.ts";

const catalogue = loadCatalogue();

function shapeOf(service: string, operation: string, side: "input" | "output") {
  const shape = catalogue.service(service)?.operation(operation)?.[side];
  if (shape === undefined) throw new Error(`${service} ${operation} has no ${side}`);
  return shape;
}

/** The member at the end of a path of names; `member`, `key` and `value` step into lists and maps. */
function memberAt(root: Shape, ...path: string[]): Member {
  let shape = root;
  let member: Member | undefined;
  for (const name of path) {
    member = shape.kind === "structure" ? shape.members.get(name) : membersOf(shape).find((candidate) => candidate.name === name);
    if (member === undefined) throw new Error(`no ${name} in ${path.join(".")}`);
    shape = member.target;
  }
  if (member === undefined) throw new Error("an empty path");
  return member;
}

function membersOf(shape: Shape): Member[] {
  if (shape.kind === "structure") return [...shape.members.values()];
  if (shape.kind === "list") return [shape.member];
  return shape.kind === "map" ? [shape.key, shape.value] : [];
}

const traitsAt = (service: string, operation: string, side: "input" | "output", ...path: string[]): Traits =>
  memberAt(shapeOf(service, operation, side), ...path).traits;

describe("every shape of every operation", () => {
  for (const service of catalogue.services) {
    test(service.id, () => {
      const seen = new Set<Shape>();
      const waiting: Shape[] = [];
      for (const name of service.operationNames) {
        const { input, output } = service.operation(name)!;
        for (const shape of [input, output]) if (shape !== undefined) waiting.push(shape);
      }
      expect(waiting.length).toBeGreaterThan(0);
      for (let shape = waiting.pop(); shape !== undefined; shape = waiting.pop()) {
        if (seen.has(shape)) continue;
        seen.add(shape);
        for (const member of membersOf(shape)) {
          expect(member.name).not.toBe("");
          waiting.push(member.target);
        }
      }
      expect(seen.size).toBeGreaterThan(1);
    });
  }
});

describe("structures", () => {
  test("keep the order of the model", () => {
    const names = [...shapeOf("dynamodb", "GetItem", "input").members.keys()];
    expect(names).toEqual([
      "TableName",
      "Key",
      "AttributesToGet",
      "ConsistentRead",
      "ReturnConsumedCapacity",
      "ProjectionExpression",
      "ExpressionAttributeNames",
    ]);
  });

  test("may contain themselves", () => {
    const key = memberAt(shapeOf("dynamodb", "GetItem", "input"), "Key").target;
    const value = memberAt(key, "value").target;
    expect(value).toMatchObject({ kind: "structure", name: "AttributeValue", union: true });
    expect(memberAt(value, "M", "value").target).toBe(value);
    expect(memberAt(value, "L", "member").target).toBe(value);
    expect(memberAt(value, "BS", "member").target.kind).toBe("blob");
    expect(memberAt(value, "NS", "member").target.kind).toBe("string");
    expect(memberAt(value, "BOOL").target.kind).toBe("boolean");
  });

  test("are built once", () => {
    expect(shapeOf("s3", "GetObject", "input")).toBe(shapeOf("s3", "GetObject", "input"));
    expect(shapeOf("s3", "GetObject", "input").members).toBe(shapeOf("s3", "GetObject", "input").members);
  });

  test("are missing where an operation gives nothing", () => {
    expect(catalogue.service("iam")?.operation("DeleteUser")?.output).toBeUndefined();
    expect(catalogue.service("iam")?.operation("DeleteUser")?.input?.name).toBe("DeleteUserRequest");
  });

  test("that the data does not have are reported as damage, with the file", () => {
    const shapes = new Shapes(new URL("data/iam.ndjson", import.meta.url));
    expect(() => shapes.structure("NoSuchShape")).toThrow(/damaged: no shape NoSuchShape in .*iam\.ndjson/);
  });
});

describe("traits", () => {
  test("sensitive, from the member's target or from a list's member", () => {
    expect(traitsAt("iam", "CreateLoginProfile", "input", "Password")).toEqual({ sensitive: true });
    expect(traitsAt("s3", "GetObject", "input", "SSECustomerKey")).toEqual({
      sensitive: true,
      httpHeader: "x-amz-server-side-encryption-customer-key",
    });
    expect(traitsAt("kms", "Decrypt", "output", "Plaintext").sensitive).toBe(true);
    expect(traitsAt("iam", "CreateLoginProfile", "input", "UserName")).toEqual({});
  });

  test("streaming and eventStream", () => {
    expect(traitsAt("s3", "GetObject", "output", "Body")).toEqual({ httpPayload: true, streaming: true });
    expect(traitsAt("s3", "PutObject", "input", "Body").streaming).toBe(true);
    expect(traitsAt("s3", "SelectObjectContent", "output", "Payload")).toEqual({ httpPayload: true, eventStream: true });
  });

  test("timestampFormat where the model chooses one", () => {
    expect(traitsAt("s3", "GetObject", "output", "ObjectLockRetainUntilDate")).toEqual({
      httpHeader: "x-amz-object-lock-retain-until-date",
      timestampFormat: "date-time",
    });
    expect(traitsAt("s3", "GetObject", "input", "ResponseExpires").timestampFormat).toBe("http-date");
    expect(traitsAt("s3", "GetObject", "output", "LastModified").timestampFormat).toBeUndefined();
  });

  test("names for XML", () => {
    expect(traitsAt("s3", "ListObjectsV2", "output", "Contents")).toEqual({ xmlFlattened: true });
    expect(traitsAt("s3", "PutBucketTagging", "input", "Tagging", "TagSet", "member")).toEqual({ xmlName: "Tag" });
    expect(traitsAt("s3", "GetBucketAcl", "output", "Grants", "member", "Grantee", "Type")).toEqual({
      xmlAttribute: true,
      xmlName: "xsi:type",
    });
    expect(traitsAt("s3", "GetBucketAcl", "output", "Grants", "member", "Grantee").xmlNamespace).toBe(
      "http://www.w3.org/2001/XMLSchema-instance",
    );
    expect(traitsAt("sqs", "GetQueueAttributes", "input", "AttributeNames")).toEqual({
      xmlFlattened: true,
      xmlName: "AttributeName",
    });
    expect(traitsAt("route-53", "ListHostedZones", "output", "HostedZones", "member")).toEqual({ xmlName: "HostedZone" });
  });

  test("a structure's own XML name, for documents of which it is the root", () => {
    expect(shapeOf("s3", "ListObjectsV2", "output").traits.xmlName).toBe("ListBucketResult");
    expect(shapeOf("s3", "GetObject", "output").traits).toEqual({});
  });

  test("names for EC2's query and JSON's", () => {
    const filters = traitsAt("ec2", "DescribeInstances", "input", "Filters");
    expect(filters).toMatchObject({ xmlName: "Filter" });
    expect(traitsAt("ec2", "DescribeInstances", "input", "DryRun")).toMatchObject({ ec2QueryName: "DryRun", xmlName: "dryRun" });
    expect(traitsAt("api-gateway", "GetRestApis", "output", "items").jsonName).toBe("item");
  });

  test("places in an HTTP message", () => {
    expect(traitsAt("s3", "GetObject", "input", "Bucket")).toEqual({ httpLabel: true });
    expect(traitsAt("s3", "GetObject", "input", "VersionId")).toEqual({ httpQuery: "versionId" });
    expect(traitsAt("s3", "GetObject", "output", "ETag")).toEqual({ httpHeader: "ETag" });
    expect(traitsAt("s3", "GetObject", "output", "Metadata")).toEqual({ httpPrefixHeaders: "x-amz-meta-" });
    expect(traitsAt("api-gateway", "GetExport", "input", "parameters")).toEqual({ httpQueryParams: true });
    expect(traitsAt("lambda", "Invoke", "output", "StatusCode")).toEqual({ httpResponseCode: true });
    expect(traitsAt("s3-control", "GetPublicAccessBlock", "input", "AccountId")).toEqual({
      hostLabel: true,
      httpHeader: "x-amz-account-id",
    });
    expect(traitsAt("cloudtrail-data", "PutAuditEvents", "input", "channelArn")).toEqual({ httpQuery: "channelArn" });
  });

  test("idempotencyToken and mediaType", () => {
    expect(traitsAt("ec2", "RunInstances", "input", "ClientToken").idempotencyToken).toBe(true);
    const path = ["HumanLoopActivationConfig", "HumanLoopActivationConditionsConfig", "HumanLoopActivationConditions"];
    expect(traitsAt("sagemaker", "CreateFlowDefinition", "input", ...path).mediaType).toBe("application/json");
  });
});
