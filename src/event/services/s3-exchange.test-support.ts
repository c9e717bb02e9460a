import { alice, type WireFixture } from "../golden.test-support.ts";

export const bucket = "amzn-s3-demo-bucket";
export const host = `${bucket}.s3.us-east-1.amazonaws.com`;
export const bucketResource = { accountId: "123456789012", type: "AWS::S3::Bucket", ARN: `arn:aws:s3:::${bucket}` };

export function objectResource(key: string) {
  return { type: "AWS::S3::Object", ARN: `arn:aws:s3:::${bucket}/${key}` };
}

export type S3Parts = Partial<WireFixture> & { readonly key?: string };

/** An exchange with that bucket, answered 200 without bodies after 62 ms. */
export function s3Exchange(operation: string, parts: S3Parts = {}): WireFixture {
  return {
    service: "s3",
    operation,
    protocol: "restXml",
    host,
    method: "GET",
    s3: { bucket, key: parts.key },
    caller: alice,
    requestId: "3KE9WB6KEXAMPLE0",
    eventId: "eeeeeeee-0000-4000-8000-000000000000",
    completed: "2026-03-02T09:06:40.062Z",
    duration: 62,
    userAgent: "agent",
    answer: { status: 200 },
    ...parts,
  };
}
