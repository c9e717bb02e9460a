import { describe, expect, test } from "vitest";
import { finishedCall } from "../golden.test-support.ts";
import { s3AdditionalEventData } from "./s3-additional-event-data.ts";
import { s3Exchange, type S3Parts } from "./s3-exchange.test-support.ts";

function additional(operation: string, parts: S3Parts) {
  return s3AdditionalEventData(finishedCall(s3Exchange(operation, parts)));
}

describe("additionalEventData", () => {
  test("without TLS there is no cipher, without a signature no method", () => {
    const anonymous = additional("GetObject", { call: { tls: undefined, signature: { version: undefined, method: "none" } } });
    expect(anonymous).not.toHaveProperty("CipherSuite");
    expect(anonymous).not.toHaveProperty("SignatureVersion");
    expect(anonymous).not.toHaveProperty("AuthenticationMethod");
    expect(additional("GetObject", { call: { signature: { version: "SigV4", method: "query" } } })).toMatchObject({
      AuthenticationMethod: "QueryString",
    });
    expect(additional("GetObject", { call: { signature: { version: "SigV2", method: "header" } } })).toMatchObject({
      SignatureVersion: "SigV2",
    });
  });

  test("a range counts what was sent, and knows the whole", () => {
    const answer = { status: 206, headers: { "content-range": "bytes 0-9/5000", "content-length": "10" }, bodyBytes: 10 };
    expect(additional("GetObject", { answer })).toMatchObject({ objectSize: 5000, bytesTransferredOut: 10, httpStatusCode: 206 });
  });

  test("a HEAD has a size and no turn-around time", () => {
    const head = additional("HeadObject", { method: "HEAD", answer: { status: 200, headers: { "content-length": "77" } } });
    expect(head).toMatchObject({ objectSize: 77, bytesTransferredOut: 0 });
    expect(head).not.toHaveProperty("turnAroundTime");
  });

  test("lists have no object size", () => {
    expect(additional("ListObjectsV2", { answer: { status: 200, bodyBytes: 900 } })).not.toHaveProperty("objectSize");
  });

  test.each([
    [{}, "AES256", "Default_SSE_S3"],
    [{}, "aws:kms", "Default_SSE_KMS"],
    [{ "x-amz-server-side-encryption": "AES256" }, "AES256", "SSE_S3"],
    [{ "x-amz-server-side-encryption": "aws:kms:dsse" }, "aws:kms:dsse", "SSE_KMS"],
  ])("%j answered with %s is %s", (headers, algorithm, expected) => {
    const answer = { status: 200, headers: { "x-amz-server-side-encryption": algorithm } };
    expect(additional("PutObject", { method: "PUT", headers, answer })).toMatchObject({ SSEApplied: expected });
  });

  test("a key of the customer's own, whether or not the answer repeats it", () => {
    const headers = { "x-amz-server-side-encryption-customer-algorithm": "AES256" };
    const ours = { status: 200, headers: { "x-amz-server-side-encryption": "AES256" } };
    expect(additional("PutObject", { method: "PUT", headers, answer: ours })).toMatchObject({ SSEApplied: "SSE_C" });
    expect(additional("GetObject", { headers, answer: { status: 403 } })).not.toHaveProperty("SSEApplied");
  });

  test("a key of the customer's own", () => {
    const answer = { status: 200, headers: { "x-amz-server-side-encryption-customer-algorithm": "AES256" } };
    expect(additional("PutObject", { method: "PUT", answer })).toMatchObject({ SSEApplied: "SSE_C" });
  });

  test("a directory bucket has a zone, and its session a mode", () => {
    const express = { s3: { bucket: "demo--use1-az4--x-s3", key: undefined }, signingName: "s3express" };
    expect(additional("CreateSession", express)).toMatchObject({
      SignatureVersion: "Sigv4",
      availabilityZone: "use1-az4",
      sessionModeApplied: "ReadWrite",
    });
    expect(additional("GetObject", {})).not.toHaveProperty("availabilityZone");
  });
});
