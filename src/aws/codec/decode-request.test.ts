import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../catalogue/catalogue.ts";
import type { Operation } from "../catalogue/model.ts";
import { decodeRequest } from "./decode-request.ts";
import { DecodeError } from "./decode-failure.ts";
import { withS3Members } from "./s3-members.contract.ts";
import { sdkSend, sdkServices } from "./sdk-clients.contract.ts";
import { CapturingHandler, toWireMessage } from "./sdk-wire.contract.ts";
import { differenceOf, ShapeValues } from "./shape-value.contract.ts";
import type { WireMessage } from "./wire-message.ts";

const catalogue = loadCatalogue();

function operationOf(service: string, name: string): Operation {
  const operation = catalogue.service(service)?.operation(name);
  if (operation === undefined) throw new Error(`no ${service} ${name}`);
  return operation;
}

function message(parts: Partial<Omit<WireMessage, "body">> & { readonly body?: string | Uint8Array }): WireMessage {
  const { body } = parts;
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return { method: "POST", path: "/", query: [], headers: new Map(), ...parts, body: bytes };
}

describe("decodeRequest reads what the SDK writes", () => {
  const handler = new CapturingHandler();

  it.each(sdkServices)("%s", async (id) => {
    const service = catalogue.service(id);
    const operations = (service?.operationNames ?? []).flatMap((name) => service?.operation(name) ?? []);
    expect(operations.length).toBeGreaterThan(5);
    const [protocol = "awsQuery"] = service?.protocols ?? [];
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom("minimal", "maximal", "random"), async (seed, fullness) => {
        for (const operation of operations) {
          if (operation.input === undefined) continue;
          const made = new ShapeValues(fullness, seed).structure(operation.input, operation.http?.uri);
          const input = id === "s3" ? withS3Members(operation, made) : made;
          const wire = toWireMessage(await handler.capture(() => sdkSend(operation, handler, input)));
          const difference = differenceOf(operation.input, input, decodeRequest(operation, protocol, wire));
          expect(`${operation.name} ${difference}`).toBe(`${operation.name} undefined`);
        }
      }),
      { numRuns: 3 },
    );
  });
});

describe("decodeRequest", () => {
  it("leaves an operation without input empty", () => {
    const operation = operationOf("sts", "GetCallerIdentity");
    expect(decodeRequest(operation, "awsQuery", message({ body: "Action=GetCallerIdentity&Version=2011-06-15" }))).toEqual({});
  });

  it("gives members the model's order, not the wire's, and ignores unknown ones", () => {
    const body = '{"IsMultiRegionTrail":true,"Nonsense":1,"S3BucketName":"b","Name":"t"}';
    const decoded = decodeRequest(operationOf("cloudtrail", "CreateTrail"), "awsJson1_1", message({ body }));
    expect(JSON.stringify(decoded)).toBe('{"Name":"t","S3BucketName":"b","IsMultiRegionTrail":true}');
    expect("toString" in decoded).toBe(false);
  });

  it("keeps values of the wrong type, and drops nulls of structures only", () => {
    const operation = operationOf("dynamodb", "PutItem");
    const body =
      '{"TableName":7,"Item":{"a":{"N":"1"},"__proto__":{"S":"x"},"b":null,"c":"text"},"ReturnValues":null,"Expected":[1]}';
    const decoded = decodeRequest(operation, "awsJson1_0", message({ body }));
    expect(JSON.stringify(decoded)).toBe(
      '{"TableName":7,"Item":{"a":{"N":"1"},"__proto__":{"S":"x"},"b":null,"c":"text"},"Expected":[1]}',
    );
    expect(({} as Record<string, unknown>).S).toBeUndefined();
  });

  it("keeps integers that a double cannot hold", () => {
    const body = '{"logGroupName":"g","logStreamName":"s","startTime":9223372036854775807,"endTime":1700000000000}';
    const decoded = decodeRequest(operationOf("cloudwatch-logs", "GetLogEvents"), "awsJson1_1", message({ body }));
    expect(decoded).toMatchObject({ startTime: 9_223_372_036_854_775_807n, endTime: 1_700_000_000_000 });
  });

  it("reads timestamps of every format", () => {
    const operation = operationOf("cloudtrail", "LookupEvents");
    const at = (text: string): unknown =>
      decodeRequest(operation, "awsJson1_1", message({ body: `{"StartTime":${text}}` })).StartTime;
    const date = new Date("2026-03-02T09:06:41.500Z");
    for (const text of ["1772442401.5", '"2026-03-02T09:06:41.5Z"', '"2026-03-02T10:06:41.500+01:00"', '"1772442401.5"']) {
      expect(at(text)).toEqual(date);
    }
    expect(at('"Mon, 02 Mar 2026 09:06:41 GMT"')).toEqual(new Date("2026-03-02T09:06:41Z"));
    expect(at('"2026-03-02"')).toEqual(new Date("2026-03-02T00:00:00Z"));
    expect(at('"yesterday"')).toBe("yesterday");
    expect(at("1e300")).toBe(1e300);
  });

  it("reads an empty body as no members, and refuses what is no object", () => {
    const operation = operationOf("cloudtrail", "DescribeTrails");
    expect(decodeRequest(operation, "awsJson1_1", message({}))).toEqual({});
    expect(decodeRequest(operation, "awsJson1_1", message({ body: " " }))).toEqual({});
    for (const body of ["[]", "1", "null", "{", '{"a":1}x']) {
      expect(() => decodeRequest(operation, "awsJson1_1", message({ body }))).toThrow(DecodeError);
    }
  });

  it("reads compressed bodies, within limits", () => {
    const operation = operationOf("cloudtrail", "CreateTrail");
    const headers = new Map([["content-encoding", "gzip"]]);
    const read = (body: Uint8Array): unknown => decodeRequest(operation, "awsJson1_1", message({ headers, body }));
    expect(read(gzipSync('{"Name":"t"}'))).toEqual({ Name: "t" });
    expect(() => read(gzipSync('{"Name":"t"}').subarray(0, 20))).toThrow(DecodeError);
    expect(() => read(gzipSync(" ".repeat(17 * 1024 * 1024)))).toThrow(DecodeError);
  });

  it("reads query parameters from the query string as well", () => {
    const query = [
      ["Action", "AssumeRole"],
      ["RoleArn", "arn:aws:iam::111122223333:role/r"],
      ["Tags.member.2.Key", "b"],
      ["Tags.member.1.Key", "a"],
      ["DurationSeconds", "900"],
    ] as const;
    const decoded = decodeRequest(operationOf("sts", "AssumeRole"), "awsQuery", message({ method: "GET", query }));
    expect(decoded).toEqual({ RoleArn: query[1][1], DurationSeconds: 900, Tags: [{ Key: "a" }, { Key: "b" }] });
  });

  it("reads lists and maps of queries however they are flattened", () => {
    const attributes = message({ body: "Action=SetQueueAttributes&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=30" });
    expect(decodeRequest(operationOf("sqs", "SetQueueAttributes"), "awsQuery", attributes)).toEqual({
      Attributes: { VisibilityTimeout: "30" },
    });
    const groups = operationOf("auto-scaling", "DescribeAutoScalingGroups");
    for (const body of ["AutoScalingGroupNames.member.1=a", "AutoScalingGroupNames.1=a"]) {
      expect(decodeRequest(groups, "awsQuery", message({ body }))).toEqual({ AutoScalingGroupNames: ["a"] });
    }
    expect(decodeRequest(groups, "awsQuery", message({ body: "AutoScalingGroupNames=" }))).toEqual({ AutoScalingGroupNames: [] });
  });

  it("reads EC2's names", () => {
    const body =
      "Action=RunInstances&ImageId=ami-1&MinCount=1&MaxCount=2&SecurityGroupId.1=sg-1&DryRun=true&UserData=aGk%3D" +
      "&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v";
    expect(decodeRequest(operationOf("ec2", "RunInstances"), "ec2Query", message({ body }))).toEqual({
      ImageId: "ami-1",
      MaxCount: 2,
      MinCount: 1,
      SecurityGroupIds: ["sg-1"],
      UserData: "aGk=",
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "k", Value: "v" }] }],
      DryRun: true,
    });
  });

  it("reads labels, queries, headers and payload of REST", () => {
    const operation = operationOf("lambda", "Invoke");
    const request = message({
      path: "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A111122223333%3Afunction%3Af/invocations",
      query: [["Qualifier", "live"]],
      headers: new Map([["x-amz-invocation-type", "Event"]]),
      body: "{}",
    });
    expect(decodeRequest(operation, "restJson1", request)).toEqual({
      FunctionName: "arn:aws:lambda:us-east-1:111122223333:function:f",
      InvocationType: "Event",
      Qualifier: "live",
      ...(operation.input?.members.get("Payload")?.traits.streaming === true ? {} : { Payload: new TextEncoder().encode("{}") }),
    });
  });

  it("takes the router's labels where there are any", () => {
    const request = message({ method: "GET", path: "/a/b%20c", query: [["x-id", "GetObject"]] });
    const operation = operationOf("s3", "GetObject");
    expect(decodeRequest(operation, "restXml", request)).toEqual({ Bucket: "a", Key: "b c" });
    const labels = new Map([
      ["Bucket", "virtual"],
      ["Key", "a/b c"],
    ]);
    expect(decodeRequest(operation, "restXml", request, labels)).toEqual({ Bucket: "virtual", Key: "a/b c" });
  });

  it("reads XML payloads, attributes and nested lists", () => {
    const operation = operationOf("s3", "PutBucketAcl");
    const body =
      '<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>o</ID></Owner><AccessControlList><Grant>' +
      '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>g</ID></Grantee>' +
      "<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>";
    const request = message({ method: "PUT", path: "/b", query: [["acl", ""]], body });
    expect(decodeRequest(operation, "restXml", request)).toEqual({
      AccessControlPolicy: { Grants: [{ Grantee: { ID: "g", Type: "CanonicalUser" }, Permission: "READ" }], Owner: { ID: "o" } },
      Bucket: "b",
    });
  });

  it("never opens streams", () => {
    const request = message({ method: "PUT", path: "/b/k", headers: new Map([["content-encoding", "identity"]]), body: "<a>" });
    expect(decodeRequest(operationOf("s3", "PutObject"), "restXml", request)).toEqual({
      Bucket: "b",
      ContentEncoding: "identity",
      Key: "k",
    });
  });

  it("keeps presigned signatures out of query maps", () => {
    const withParameters = catalogue.services
      .flatMap((service) => service.operationNames.flatMap((name) => service.operation(name) ?? []))
      .find(({ input }) => input?.members.values().some(({ traits }) => traits.httpQueryParams === true));
    const member = withParameters?.input?.members.values().find(({ traits }) => traits.httpQueryParams === true)?.name ?? "";
    const query = [
      ["mine", "1"],
      ["X-Amz-Signature", "s"],
      ["X-Amz-Security-Token", "t"],
    ] as const;
    if (withParameters === undefined) throw new Error("no operation takes a map of parameters");
    expect(Object.keys(decodeRequest(withParameters, "restJson1", message({ query }))[member] ?? {})).toEqual(["mine"]);
  });
});
