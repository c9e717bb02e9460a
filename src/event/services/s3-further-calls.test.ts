import { describe, expect, test } from "vitest";
import type { ApiCall } from "../api-call.ts";
import { finishedCall, recordsOf } from "../golden.test-support.ts";
import { host, s3Exchange, type S3Parts } from "./s3-exchange.test-support.ts";
import { s3FurtherCalls } from "./s3-further-calls.ts";

describe("further calls", () => {
  const further = (operation: string, parts: S3Parts): readonly ApiCall[] =>
    s3FurtherCalls(finishedCall(s3Exchange(operation, parts)));

  test.each([
    ["src/a%20b/c%3Fd.txt?versionId=v9", "src", "a b/c?d.txt", { versionId: "v9" }],
    ["/src/plain", "src", "plain", {}],
    [
      "arn:aws:s3:us-east-1:123456789012:accesspoint/ap/object/dir/k",
      "arn:aws:s3:us-east-1:123456789012:accesspoint/ap",
      "dir/k",
      {},
    ],
  ])("a copy of %s reads its source in S3's own name", (source, sourceBucket, key, version) => {
    const copy = s3Exchange("CopyObject", { method: "PUT", key: "to", headers: { "x-amz-copy-source": source } });
    const [, record] = recordsOf(copy);
    expect(record).toMatchObject({
      eventName: "GetObject",
      readOnly: true,
      sourceIPAddress: "AWS Internal",
      requestParameters: { bucketName: sourceBucket, Host: host, key, ...version },
      additionalEventData: { bytesTransferredIn: 0, bytesTransferredOut: 0 },
    });
    expect(record).not.toHaveProperty("tlsDetails");
  });

  test.each(["", "no-key", "/"])("a copy of %j reads nothing that could be named", (source) => {
    expect(further("CopyObject", { method: "PUT", key: "to", headers: { "x-amz-copy-source": source } })).toEqual([]);
  });

  test("what failed as a whole caused nothing", () => {
    const body = "<Delete><Object><Key>k</Key></Object></Delete>";
    const answer = { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" };
    expect(further("DeleteObjects", { method: "POST", body })).toHaveLength(1);
    expect(further("DeleteObjects", { method: "POST", body, answer })).toEqual([]);
  });

  test("of a list that was cut off, the keys that are whole", () => {
    const call = finishedCall(
      s3Exchange("DeleteObjects", { body: "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object><Object><Ke" }),
    );
    const cut = { ...call, request: { ...call.request, bodyTruncated: true } };
    expect(s3FurtherCalls(cut).map((each) => each.request.s3?.key)).toEqual(["a", "b"]);
  });

  test("not more keys than S3 takes", () => {
    const body = `<Delete>${"<Object><Key>k</Key></Object>".repeat(1200)}</Delete>`;
    expect(further("DeleteObjects", { body })).toHaveLength(1000);
  });
});
