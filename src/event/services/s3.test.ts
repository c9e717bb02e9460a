import { describe, expect, test } from "vitest";
import { cliAgent, deployer, finishedCall, recordsOf } from "../golden.test-support.ts";
import { expectedRecord } from "./expected-record.test-support.ts";
import { bucket, bucketResource, host, objectResource, s3Exchange } from "./s3-exchange.test-support.ts";
import { s3 } from "./s3.ts";

describe("whole records", () => {
  test("PutObject", () => {
    const idTwo = `EXAMPLEid2A+${"a".repeat(64)}=`;
    const [record] = recordsOf(
      s3Exchange("PutObject", {
        method: "PUT",
        target: "/reports/2026/03/daily.csv?x-id=PutObject",
        key: "reports/2026/03/daily.csv",
        headers: {
          "x-amz-storage-class": "STANDARD_IA",
          "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
          "x-amz-decoded-content-length": "1048",
          "x-amz-meta-owner": "finance",
          "x-amz-tagging": "a=b",
          "content-type": "text/csv",
        },
        bodyBytes: 1187,
        caller: deployer,
        requestId: "3KE9WB6KEXAMPLE1",
        eventId: "eeeeeeee-0000-4000-8000-000000000015",
        userAgent: cliAgent("s3api.put-object"),
        answer: { status: 200, headers: { "x-amz-server-side-encryption": "AES256", "x-amz-id-2": idTwo, etag: '"x"' } },
      }),
    );
    expect(record).toEqual(
      expectedRecord("deployer", host, {
        eventTime: "2026-03-02T09:06:40Z",
        eventSource: "s3.amazonaws.com",
        eventName: "PutObject",
        userAgent: `[${cliAgent("s3api.put-object")}]`,
        requestParameters: {
          bucketName: bucket,
          Host: host,
          key: "reports/2026/03/daily.csv",
          "x-id": "PutObject",
          "x-amz-storage-class": "STANDARD_IA",
        },
        responseElements: { "x-amz-server-side-encryption": "AES256" },
        additionalEventData: {
          SignatureVersion: "SigV4",
          CipherSuite: "TLS_AES_128_GCM_SHA256",
          objectSize: 1048,
          bytesTransferredIn: 1187,
          SSEApplied: "Default_SSE_S3",
          startTime: 1772442400000,
          AuthenticationMethod: "AuthHeader",
          endTime: 1772442400062,
          "x-amz-id-2": idTwo,
          turnAroundTime: 62,
          httpStatusCode: 200,
          bytesTransferredOut: 0,
        },
        requestID: "3KE9WB6KEXAMPLE1",
        eventID: "eeeeeeee-0000-4000-8000-000000000015",
        readOnly: false,
        resources: [bucketResource, objectResource("reports/2026/03/daily.csv")],
        managementEvent: false,
      }),
    );
    expect(Object.keys(record?.additionalEventData ?? {})).toEqual([
      "SignatureVersion",
      "CipherSuite",
      "objectSize",
      "bytesTransferredIn",
      "SSEApplied",
      "startTime",
      "AuthenticationMethod",
      "endTime",
      "x-amz-id-2",
      "turnAroundTime",
      "httpStatusCode",
      "bytesTransferredOut",
    ]);
  });

  test("GetObject that was denied", () => {
    const denial = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    const idTwo = `EXAMPLEid2B+${"b".repeat(64)}=`;
    const [record] = recordsOf(
      s3Exchange("GetObject", {
        target: "/finance/q4.xlsx",
        key: "finance/q4.xlsx",
        requestId: "3KE9WB6KEXAMPLE2",
        eventId: "eeeeeeee-0000-4000-8000-000000000016",
        completed: "2026-03-02T09:06:40.018Z",
        duration: 18,
        userAgent: cliAgent("s3api.get-object"),
        answer: { status: 403, headers: { "x-amz-id-2": idTwo }, body: denial, bodyBytes: 524 },
      }),
    );
    expect(record).toEqual(
      expectedRecord("alice", host, {
        eventTime: "2026-03-02T09:06:40Z",
        eventSource: "s3.amazonaws.com",
        eventName: "GetObject",
        userAgent: `[${cliAgent("s3api.get-object")}]`,
        errorCode: "AccessDenied",
        errorMessage: "Access Denied",
        requestParameters: { bucketName: bucket, Host: host, key: "finance/q4.xlsx" },
        responseElements: null,
        additionalEventData: {
          SignatureVersion: "SigV4",
          CipherSuite: "TLS_AES_128_GCM_SHA256",
          bytesTransferredIn: 0,
          startTime: 1772442400000,
          AuthenticationMethod: "AuthHeader",
          endTime: 1772442400018,
          "x-amz-id-2": idTwo,
          httpStatusCode: 403,
          bytesTransferredOut: 524,
        },
        requestID: "3KE9WB6KEXAMPLE2",
        eventID: "eeeeeeee-0000-4000-8000-000000000016",
        readOnly: true,
        resources: [bucketResource, objectResource("finance/q4.xlsx")],
        managementEvent: false,
      }),
    );
  });

  test("DeleteObjects, and a DeleteObject for each key", () => {
    const [record, ...deletions] = recordsOf(
      s3Exchange("DeleteObjects", {
        method: "POST",
        target: "/?delete&x-id=DeleteObjects",
        body: `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a &amp; b.txt</Key></Object>
          <Object><Key>c.txt</Key><VersionId>v1</VersionId></Object></Delete>`,
        caller: deployer,
        requestId: "3KE9WB6KEXAMPLE3",
        eventId: "eeeeeeee-0000-4000-8000-000000000017",
        completed: "2026-03-02T09:06:40.051Z",
        duration: 51,
        userAgent: cliAgent("s3api.delete-objects"),
        answer: {
          status: 200,
          headers: { "x-amz-id-2": "EXAMPLE" },
          body: `<DeleteResult><Deleted><Key>a &amp; b.txt</Key></Deleted><Error><Key>c.txt</Key><VersionId>v1</VersionId>
            <Code>AccessDenied</Code><Message>Access Denied</Message></Error></DeleteResult>`,
        },
      }),
    );
    expect(record).toEqual(
      expectedRecord("deployer", host, {
        eventTime: "2026-03-02T09:06:40Z",
        eventSource: "s3.amazonaws.com",
        eventName: "DeleteObjects",
        userAgent: `[${cliAgent("s3api.delete-objects")}]`,
        requestParameters: { bucketName: bucket, Host: host, delete: "", "x-id": "DeleteObjects" },
        responseElements: null,
        additionalEventData: {
          SignatureVersion: "SigV4",
          CipherSuite: "TLS_AES_128_GCM_SHA256",
          bytesTransferredIn: 0,
          startTime: 1772442400000,
          AuthenticationMethod: "AuthHeader",
          endTime: 1772442400051,
          "x-amz-id-2": "EXAMPLE",
          turnAroundTime: 51,
          httpStatusCode: 200,
          bytesTransferredOut: 0,
        },
        requestID: "3KE9WB6KEXAMPLE3",
        eventID: "eeeeeeee-0000-4000-8000-000000000017",
        readOnly: false,
        resources: [bucketResource, { type: "AWS::S3::Object", ARNPrefix: `arn:aws:s3:::${bucket}/` }],
        managementEvent: false,
      }),
    );
    expect(deletions).toMatchObject([
      {
        eventName: "DeleteObject",
        eventCategory: "Data",
        readOnly: false,
        requestID: "3KE9WB6KEXAMPLE3",
        requestParameters: { bucketName: bucket, Host: host, key: "a & b.txt" },
        resources: [bucketResource, objectResource("a & b.txt")],
        additionalEventData: { httpStatusCode: 204, bytesTransferredIn: 0, bytesTransferredOut: 0, "x-amz-id-2": "EXAMPLE" },
      },
      {
        eventName: "DeleteObject",
        errorCode: "AccessDenied",
        errorMessage: "Access Denied",
        requestParameters: { bucketName: bucket, Host: host, key: "c.txt", versionId: "v1" },
        additionalEventData: { httpStatusCode: 403 },
      },
    ]);
    expect(deletions[0]?.errorCode).toBeUndefined();
    expect(new Set([record, ...deletions].map((each) => each?.eventID)).size).toBe(3);
  });

  test("PutBucketPolicy shows the policy parsed", () => {
    const policy = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" }],
    };
    const [record] = recordsOf(
      s3Exchange("PutBucketPolicy", { method: "PUT", target: "/?policy", body: JSON.stringify(policy), answer: { status: 204 } }),
    );
    expect(record?.requestParameters).toEqual({ bucketName: bucket, Host: host, policy: "", bucketPolicy: policy });
    expect(record?.resources).toEqual([bucketResource]);
    expect(record).toMatchObject({ managementEvent: true, responseElements: null, eventName: "PutBucketPolicy" });
    expect(record?.additionalEventData).not.toHaveProperty("turnAroundTime");
  });
});

describe("LookupEvents", () => {
  const lookup = (operation: string, status = 200, code = "") =>
    s3.lookupResources?.(
      finishedCall(s3Exchange(operation, { answer: { status, body: code === "" ? "" : `<Error><Code>${code}</Code></Error>` } })),
      { requestParameters: null, responseElements: null },
    );

  test("buckets by name; none where none exists", () => {
    expect(lookup("PutBucketPolicy")).toEqual([{ type: "AWS::S3::Bucket", name: bucket }]);
    expect(lookup("PutBucketPolicy", 403, "AccessDenied")).toEqual([{ type: "AWS::S3::Bucket", name: bucket }]);
    expect(lookup("CreateBucket", 409, "BucketAlreadyExists")).toEqual([]);
    expect(lookup("GetBucketAcl", 404, "NoSuchBucket")).toEqual([]);
  });
});
