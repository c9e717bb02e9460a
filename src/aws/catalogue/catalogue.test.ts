import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadCatalogue } from "./catalogue.ts";

const catalogue = loadCatalogue();
const ids = (signingName: string) => catalogue.bySigningName(signingName).map((service) => service.id);
const operation = (service: string, name: string) => catalogue.service(service)?.operation(name);

describe("services", () => {
  test("are many, and each is found by every name it has", () => {
    expect(catalogue.services.length).toBeGreaterThan(140);
    for (const service of catalogue.services) {
      expect(catalogue.service(service.id)).toBe(service);
      expect(catalogue.bySigningName(service.signingName)).toContain(service);
      // Only the two of Timestream share theirs.
      const named = service.signingName === "timestream" ? catalogue.service("timestream-write") : service;
      expect(catalogue.byShapeName(service.shapeName)).toBe(named);
      if (service.targetPrefix !== undefined) expect(catalogue.byTargetPrefix(service.targetPrefix)).toBe(named);
    }
  });

  test("have a target prefix if and only if they speak JSON by RPC", () => {
    for (const { id, protocols, targetPrefix } of catalogue.services) {
      const json = protocols.some((protocol) => protocol.startsWith("awsJson"));
      expect([id, targetPrefix !== undefined]).toEqual([id, json]);
    }
  });

  test("that share a signing name are all found by it", () => {
    expect(ids("s3")).toEqual(["s3", "s3-control"]);
    expect(ids("dynamodb")).toEqual(["dynamodb", "dynamodb-streams"]);
    expect(ids("elasticloadbalancing")).toEqual(["elastic-load-balancing", "elastic-load-balancing-v2"]);
    expect(ids("es")).toEqual(["elasticsearch-service", "opensearch"]);
    expect(ids("ses")).toEqual(["ses", "sesv2"]);
    expect(ids("s3express")).toEqual(["s3", "s3-control"]);
    expect(ids("s3-object-lambda")).toEqual(["s3"]);
  });

  test("are not found by names that are none", () => {
    const known = new Set(catalogue.services.flatMap((service) => [service.id, service.signingName, service.shapeName]));
    for (const name of ["s3-object-lambda", "s3-outposts", "s3express"]) known.add(name);
    const odd = fc.constantFrom("__proto__", "constructor", "toString", "", "S3", "s3 ");
    fc.assert(
      fc.property(fc.oneof(odd, fc.string()), (name) => {
        fc.pre(!known.has(name));
        expect(catalogue.service(name)).toBeUndefined();
        expect(catalogue.bySigningName(name)).toEqual([]);
        expect(catalogue.byTargetPrefix(name)).toBeUndefined();
        expect(catalogue.byShapeName(name)).toBeUndefined();
        expect(operation("s3", name)).toBeUndefined();
      }),
    );
  });

  test("are found by the longer target that botocore sends to CloudTrail", () => {
    const prefix = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
    expect(catalogue.byTargetPrefix(prefix)?.id).toBe("cloudtrail");
  });

  test("carry the facts of their models", () => {
    expect(catalogue.service("cloudwatch")).toMatchObject({
      sdkId: "CloudWatch",
      signingName: "monitoring",
      endpointPrefix: "monitoring",
      version: "2010-08-01",
      protocols: ["awsJson1_0", "awsQuery", "rpcv2Cbor"],
      targetPrefix: "GraniteServiceVersion20100801",
      shapeName: "GraniteServiceVersion20100801",
      xmlNamespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
    });
    expect(catalogue.service("sqs")).toMatchObject({
      version: "2012-11-05",
      protocols: ["awsJson1_0", "awsQuery"],
      targetPrefix: "AmazonSQS",
      xmlNamespace: "http://queue.amazonaws.com/doc/2012-11-05/",
    });
    expect(catalogue.service("cloudtrail")).toMatchObject({ protocols: ["awsJson1_1"], targetPrefix: "CloudTrail_20131101" });
    expect(catalogue.service("ec2")).toMatchObject({ protocols: ["ec2Query"], version: "2016-11-15", targetPrefix: undefined });
    expect(catalogue.service("ecr")?.endpointPrefix).toBe("api.ecr");
    expect(catalogue.service("dynamodb-streams")?.endpointPrefix).toBe("streams.dynamodb");
  });
});

describe("operations", () => {
  test("are listed as they are found, each once", () => {
    for (const service of catalogue.services) {
      const names = service.operationNames;
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) expect(service.operation(name)).toMatchObject({ name, service: { id: service.id } });
      expect(service.operation(names[0]!)).toBe(service.operation(names[0]!));
    }
  });

  test("have an HTTP binding if and only if their service speaks REST", () => {
    for (const service of catalogue.services) {
      const rest = service.protocols[0]?.startsWith("rest");
      for (const name of service.operationNames) {
        const { http } = service.operation(name)!;
        expect([service.id, name, http !== undefined]).toEqual([service.id, name, rest]);
        if (http === undefined) continue;
        expect(http.method).toMatch(/^(GET|HEAD|PUT|POST|PATCH|DELETE)$/);
        expect(http.uri).toMatch(/^\//);
        expect(http.status).toBeGreaterThanOrEqual(200);
      }
    }
  });

  test("have a URI whose labels are the labels of their input", () => {
    for (const service of catalogue.services) {
      for (const name of service.operationNames) {
        const { http, input } = service.operation(name)!;
        if (http === undefined) continue;
        const inUri = [...http.uri.matchAll(/\{(\w+)\+?\}/g)].map((match) => match[1]);
        const inInput = [...(input?.members.values() ?? [])]
          .filter(({ traits }) => traits.httpLabel)
          .map((member) => member.name);
        expect([service.id, name, ...inUri.sort()]).toEqual([service.id, name, ...inInput.sort()]);
      }
    }
  });

  test("of S3 have their bucket back", () => {
    expect(operation("s3", "GetObject")?.http).toEqual({ method: "GET", uri: "/{Bucket}/{Key+}?x-id=GetObject", status: 200 });
    expect(operation("s3", "ListObjectsV2")?.http?.uri).toBe("/{Bucket}?list-type=2");
    expect(operation("s3", "CreateBucket")?.http).toEqual({ method: "PUT", uri: "/{Bucket}", status: 200 });
    expect(operation("s3", "ListBuckets")?.http?.uri).toBe("/?x-id=ListBuckets");
    expect(operation("s3", "AbortMultipartUpload")?.http?.status).toBe(204);
  });

  test("have the access level of the action that bears their name", () => {
    expect(operation("kms", "ListKeys")?.accessLevel).toBe("List");
    expect(operation("dynamodb", "GetItem")?.accessLevel).toBe("Read");
    expect(operation("ec2", "RunInstances")?.accessLevel).toBe("Write");
    expect(operation("iam", "AttachRolePolicy")?.accessLevel).toBe("Permissions management");
    expect(operation("sqs", "TagQueue")?.accessLevel).toBe("Tagging");
    expect(operation("cloudwatch", "PutMetricAlarm")?.accessLevel).toBe("Write");
    // The action is called s3:ListBucket.
    expect(operation("s3", "ListObjectsV2")?.accessLevel).toBeUndefined();
  });

  test("know the errors whose wire code is not the name of a shape", () => {
    const getUser = operation("iam", "GetUser")!;
    expect(getUser.errorShape("NoSuchEntity")).toBe("NoSuchEntityException");
    expect(getUser.errorShape("NoSuchEntityException")).toBeUndefined();
    expect(getUser.errorShape("constructor")).toBeUndefined();
    expect(operation("sqs", "ReceiveMessage")?.errorShape("AWS.SimpleQueueService.NonExistentQueue")).toBe("QueueDoesNotExist");
  });
});
