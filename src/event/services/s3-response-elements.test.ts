import { describe, expect, test } from "vitest";
import { finishedCall } from "../golden.test-support.ts";
import { s3Exchange } from "./s3-exchange.test-support.ts";
import { s3ResponseElements } from "./s3-response-elements.ts";

describe("responseElements", () => {
  const headers = { "x-amz-server-side-encryption": "aws:kms", "x-amz-version-id": "v", "x-amz-expiration": "e", etag: '"x"' };
  const shown = (operation: string) =>
    s3ResponseElements(finishedCall(s3Exchange(operation, { answer: { status: 200, headers } })));

  test.each(["PutObject", "CopyObject", "CompleteMultipartUpload", "UploadPart"])(
    "%s shows headers of the answer",
    (operation) => {
      expect(shown(operation)).toEqual({
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-version-id": "v",
        "x-amz-expiration": "e",
      });
    },
  );

  test.each(["DeleteObject", "PutBucketTagging", "CreateBucket", "DeleteObjects"])("%s shows none", (operation) => {
    expect(shown(operation)).toBeNull();
  });
});
