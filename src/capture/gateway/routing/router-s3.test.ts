import { describe, expect, test } from "vitest";
import { catalogue, scope, route } from "./routed-request.test-support.ts";

describe("S3", () => {
  test.each([
    ["GET /", "ListBuckets"],
    ["GET /?x-id=ListBuckets", "ListBuckets"],
    ["PUT /b", "CreateBucket"],
    ["PUT /b/", "CreateBucket"],
    ["HEAD /b", "HeadBucket"],
    ["DELETE /b", "DeleteBucket"],
    ["GET /b", "ListObjects"],
    ["GET /b?list-type=2&prefix=x", "ListObjectsV2"],
    ["GET /b?versions", "ListObjectVersions"],
    ["GET /b?uploads", "ListMultipartUploads"],
    ["GET /b?location", "GetBucketLocation"],
    ["GET /b?analytics", "ListBucketAnalyticsConfigurations"],
    ["GET /b?analytics&id=x", "GetBucketAnalyticsConfiguration"],
    ["PUT /b?lifecycle", "PutBucketLifecycleConfiguration"],
    ["PUT /b?policy", "PutBucketPolicy"],
    ["PUT /b?object-lock", "PutObjectLockConfiguration"],
    ["DELETE /b?publicAccessBlock", "DeletePublicAccessBlock"],
    ["POST /b?delete", "DeleteObjects"],
    ["GET /b?session", "CreateSession"],
    ["GET /b/k", "GetObject"],
    ["HEAD /b/k", "HeadObject"],
    ["PUT /b/k", "PutObject"],
    ["PUT /b/k?x-id=GetObject", "PutObject"],
    ["DELETE /b/k?versionId=1", "DeleteObject"],
    ["GET /b/k?acl", "GetObjectAcl"],
    ["GET /b/k?attributes", "GetObjectAttributes"],
    ["PUT /b/k?tagging", "PutObjectTagging"],
    ["PUT /b/k?legal-hold", "PutObjectLegalHold"],
    ["POST /b/k?uploads", "CreateMultipartUpload"],
    ["PUT /b/k?partNumber=1&uploadId=u", "UploadPart"],
    ["POST /b/k?uploadId=u", "CompleteMultipartUpload"],
    ["DELETE /b/k?uploadId=u", "AbortMultipartUpload"],
    ["GET /b/k?uploadId=u", "ListParts"],
    ["POST /b/k?restore", "RestoreObject"],
    ["POST /b/k?select&select-type=2", "SelectObjectContent"],
    ["OPTIONS /b/k", "PreflightRequest"],
  ])("%s is %s", (line, operationName) => {
    expect(route(line, scope("s3"))).toMatchObject({ serviceId: "s3", operationName, protocol: "restXml" });
  });

  test("copies are told by a header", () => {
    const copy = { ...scope("s3"), "x-amz-copy-source": "/a/b" };
    expect(route("PUT /b/k", copy).operationName).toBe("CopyObject");
    expect(route("PUT /b/k?partNumber=1&uploadId=u", copy).operationName).toBe("UploadPartCopy");
    expect(route("PUT /b/k?acl", copy).operationName).toBe("PutObjectAcl");
  });

  test("every operation of the model is in the table", () => {
    const s3 = catalogue.service("s3");
    const missing = s3?.operationNames.filter((name) => {
      const http = s3.operation(name)?.http;
      if (http === undefined || name.startsWith("UploadPart") || name === "ListParts" || name === "CopyObject") return false;
      if (name === "ListDirectoryBuckets" || name === "WriteGetObjectResponse") return false;
      const flags = http.uri.includes("?") ? http.uri.slice(http.uri.indexOf("?")) : "";
      const needs = /^(?:Get.*(?:Analytics|Inventory|Metrics|IntelligentTiering)Configuration)$/.test(name) ? "&id=1" : "";
      const part = name.endsWith("Annotation") && name.startsWith("Get") ? "&annotationName=a" : "";
      const upload =
        name === "AbortMultipartUpload" || name === "CompleteMultipartUpload" ? `${flags === "" ? "?" : "&"}uploadId=1` : "";
      const bucketless = name === "ListBuckets";
      const path = http.uri.includes("{Key+}") ? "/b/k" : bucketless ? "/" : "/b";
      const routed = route(`${http.method} ${path}${flags}${needs}${part}${upload}`, scope("s3"));
      return routed.operationName !== name;
    });
    expect(missing).toEqual([]);
  });

  test.each([
    ["127.0.0.1:4580", "/b/a%2Fb//c", "b", "a/b//c"],
    ["localhost:4580", "/b/k", "b", "k"],
    ["b.localhost:4580", "/k", "b", "k"],
    ["my.bucket.s3.localhost:4580", "/k/", "my.bucket", "k/"],
    ["s3.localhost", "/b/k", "b", "k"],
    ["b.s3.amazonaws.com", "/k", "b", "k"],
    ["b.s3.eu-west-1.amazonaws.com", "//k", "b", "/k"],
    ["my.bucket.s3.dualstack.eu-west-1.amazonaws.com", "/k", "my.bucket", "k"],
    ["b.s3-eu-west-1.amazonaws.com", "/k", "b", "k"],
    ["s3.eu-west-1.amazonaws.com", "/b/k", "b", "k"],
    ["b.s3-accelerate.amazonaws.com", "/k", "b", "k"],
    ["b.s3-accelerate.dualstack.amazonaws.com", "/k", "b", "k"],
    ["ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com", "/k", "ap-111122223333", "k"],
    ["b.s3.cn-north-1.amazonaws.com.cn", "/k", "b", "k"],
    ["b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com", "/k", "b--use1-az4--x-s3", "k"],
    ["s3.s3.us-east-1.amazonaws.com", "/k", "s3", "k"],
    ["b.s3.us-east-1.localhost.localstack.cloud:4566", "/k", "b", "k"],
  ])("%s%s", (host, path, bucket, key) => {
    for (const headers of [{ ...scope("s3"), host }, { host }]) {
      expect(route(`GET ${path}`, headers)).toMatchObject({ serviceId: "s3", operationName: "GetObject", s3: { bucket, key } });
    }
  });

  test("anonymous requests are S3's when nothing else claims them, in the host's region", () => {
    const routed = route("GET /k", { host: "b.s3.eu-central-1.amazonaws.com" });
    expect(routed).toMatchObject({ region: "eu-central-1", signingName: "s3", credential: { accessKeyId: undefined } });
    expect(route("GET /b/k").region).toBe("us-east-1");
    expect(route("GET /", { host: "b.s3-website-eu-west-1.amazonaws.com" }).operationName).toBe("GetObject");
  });

  test("presigned, in three generations", () => {
    const credential = encodeURIComponent("AKIDEXAMPLE/20260302/eu-west-1/s3/aws4_request");
    const v4 = route(
      `GET /b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Security-Token=t&X-Amz-Signature=x`,
    );
    expect(v4).toMatchObject({
      operationName: "GetObject",
      region: "eu-west-1",
      credential: { accessKeyId: "AKIDEXAMPLE", temporary: true },
      signature: { version: "SigV4", method: "query" },
    });
    expect(route("GET /b/k?AWSAccessKeyId=AKIDEXAMPLE&Expires=1&Signature=x")).toMatchObject({
      credential: { accessKeyId: "AKIDEXAMPLE" },
      signature: { version: "SigV2", method: "query" },
    });
    expect(route("GET /b/k", { authorization: "AWS AKIDEXAMPLE:c2lnbmF0dXJl" })).toMatchObject({
      serviceId: "s3",
      signature: { version: "SigV2", method: "header" },
    });
  });

  test("uploads by HTML form name key and credential in the body", () => {
    const field = (name: string, value: string) => `--xx\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const body =
      field("key", "user/${filename}") +
      field("X-Amz-Credential", "AKIDEXAMPLE/20260302/eu-west-1/s3/aws4_request") +
      `--xx\r\nContent-Disposition: form-data; name="file"; filename="a$&.txt"\r\n\r\ndata\r\n--xx--\r\n`;
    const headers = { host: "b.s3.localhost", "content-type": "multipart/form-data; boundary=xx" };
    expect(route("POST /", headers, body)).toMatchObject({
      operationName: "PostObject",
      s3: { bucket: "b", key: "user/a$&.txt" },
      region: "eu-west-1",
      credential: { accessKeyId: "AKIDEXAMPLE", temporary: false },
      signature: { version: "SigV4", method: "query" },
    });
  });
});
