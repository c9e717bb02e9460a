import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../catalogue/catalogue.ts";
import type { Operation } from "../catalogue/model.ts";
import { DecodeError } from "./decode-failure.ts";
import { decodeResponse } from "./decode-response.ts";
import type { WireAnswer } from "./wire-message.ts";

const catalogue = loadCatalogue();

function operationOf(service: string, name: string): Operation {
  const operation = catalogue.service(service)?.operation(name);
  if (operation === undefined) throw new Error(`no ${service} ${name}`);
  return operation;
}

function answer(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}, status = 200): WireAnswer {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return { status, headers: new Map(Object.entries(headers)), body: bytes };
}

describe("decodeResponse", () => {
  it("reads JSON", () => {
    const body = '{"TrailARN":"arn","Name":"t","Nonsense":1}';
    expect(JSON.stringify(decodeResponse(operationOf("cloudtrail", "CreateTrail"), "awsJson1_1", answer(body)))).toBe(
      '{"Name":"t","TrailARN":"arn"}',
    );
  });

  it("reads the result of a query, whatever its prefix", () => {
    const body = `<ns:CreateUserResponse xmlns:ns="https://iam.amazonaws.com/doc/2010-05-08/"><ns:CreateUserResult><ns:User>
      <ns:UserName>u</ns:UserName><ns:CreateDate>2026-03-02T09:06:41Z</ns:CreateDate><ns:Path>/</ns:Path>
      <ns:Tags><ns:member><ns:Key>k</ns:Key><ns:Value/></ns:member></ns:Tags></ns:User></ns:CreateUserResult>
      <ns:ResponseMetadata><ns:RequestId>1</ns:RequestId></ns:ResponseMetadata></ns:CreateUserResponse>`;
    expect(decodeResponse(operationOf("iam", "CreateUser"), "awsQuery", answer(body))).toEqual({
      User: { Path: "/", UserName: "u", CreateDate: new Date("2026-03-02T09:06:41Z"), Tags: [{ Key: "k", Value: "" }] },
    });
  });

  it("reads EC2's answers, which have no result element", () => {
    const body = `<?xml version="1.0" encoding="UTF-8"?>
      <StopInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId><instancesSet><item>
      <instanceId>i-1</instanceId><currentState><code>64</code><name>stopping</name></currentState></item></instancesSet>
      </StopInstancesResponse>`;
    expect(decodeResponse(operationOf("ec2", "StopInstances"), "ec2Query", answer(body))).toEqual({
      StoppingInstances: [{ InstanceId: "i-1", CurrentState: { Code: 64, Name: "stopping" } }],
    });
  });

  it("reads headers, prefix headers, status and payload of REST", () => {
    const head = answer(new Uint8Array(), {
      etag: '"1"',
      "content-length": "5",
      "last-modified": "Mon, 02 Mar 2026 09:06:41 GMT",
      "x-amz-meta-mine": "a",
      "x-amz-server-side-encryption": "AES256",
    });
    expect(decodeResponse(operationOf("s3", "HeadObject"), "restXml", head)).toEqual({
      ContentLength: 5,
      ETag: '"1"',
      LastModified: new Date("2026-03-02T09:06:41Z"),
      Metadata: { mine: "a" },
      ServerSideEncryption: "AES256",
    });
    const invoked = decodeResponse(
      operationOf("lambda", "Invoke"),
      "restJson1",
      answer("{}", { "x-amz-function-error": "E" }, 202),
    );
    expect(invoked).toMatchObject({ StatusCode: 202, FunctionError: "E" });
  });

  it("reads S3's lists and the answer without an element around it", () => {
    const list = `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><KeyCount>2</KeyCount>
      <IsTruncated>false</IsTruncated><Contents><Key> a</Key><Size>1</Size></Contents><Contents><Key>b</Key></Contents>
      <CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes></ListBucketResult>`;
    expect(decodeResponse(operationOf("s3", "ListObjectsV2"), "restXml", answer(list))).toEqual({
      IsTruncated: false,
      Contents: [{ Key: " a", Size: 1 }, { Key: "b" }],
      Name: "b",
      CommonPrefixes: [{ Prefix: "c/" }],
      KeyCount: 2,
    });
    const location = '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>';
    expect(decodeResponse(operationOf("s3", "GetBucketLocation"), "restXml", answer(location))).toEqual({
      LocationConstraint: "eu-west-1",
    });
  });

  it("finds in the body what an answer's shape binds to queries of requests", () => {
    const body = '{"position":"next","item":[{"id":"k"}]}';
    expect(decodeResponse(operationOf("api-gateway", "GetApiKeys"), "restJson1", answer(body))).toEqual({
      items: [{ id: "k" }],
      position: "next",
    });
  });

  it("reads CBOR, its dates among it", () => {
    // {"MetricAlarms": [{"AlarmName": "a", "StateUpdatedTimestamp": 1(1772442401)}]}
    const hex =
      "a16c4d6574726963416c61726d7381a269416c61726d4e616d6561617553746174655570646174656454696d657374616d70c11a69a55321";
    const decoded = decodeResponse(
      operationOf("cloudwatch", "DescribeAlarms"),
      "rpcv2Cbor",
      answer(new Uint8Array(Buffer.from(hex, "hex"))),
    );
    expect(decoded).toEqual({ MetricAlarms: [{ AlarmName: "a", StateUpdatedTimestamp: new Date("2026-03-02T09:06:41Z") }] });
  });

  it("leaves streams and event streams closed", () => {
    expect(decodeResponse(operationOf("s3", "GetObject"), "restXml", answer("<a>", { "content-type": "t" }))).toEqual({
      ContentType: "t",
    });
    expect(decodeResponse(operationOf("kinesis", "SubscribeToShard"), "awsJson1_1", answer("\u0000\u0000"))).toEqual({});
  });

  it("is empty for an operation or an answer without output", () => {
    expect(decodeResponse(operationOf("sqs", "DeleteQueue"), "awsQuery", answer("<DeleteQueueResponse/>"))).toEqual({});
    expect(decodeResponse(operationOf("iam", "GetUser"), "awsQuery", answer(""))).toEqual({});
    expect(() => decodeResponse(operationOf("iam", "GetUser"), "awsQuery", answer("<a>"))).toThrow(DecodeError);
  });
});
