import { AwsError } from "../../../aws/aws-error.ts";
import { parseTagging, taggingXml } from "../tagging.ts";
import { bucketOf, objectOf, type S3Operation } from "../s3-call.ts";
import { readText, readXml } from "../read-body.ts";
import { s3Xml } from "../s3-xml.ts";
import { ownerOf } from "./owner.ts";

/** 20 KB: the limit of a bucket policy. */
const MAX_POLICY_BYTES = 20_480;

/** Kept and given back. Nothing here enforces it: the embedded account trusts whoever reaches it. */
export const putBucketPolicy: S3Operation = async (call) => {
  bucketOf(call);
  const policy = await readText(call);
  if (Buffer.byteLength(policy) > MAX_POLICY_BYTES) throw malformed("Policy is too large");
  let parsed: unknown;
  try {
    parsed = JSON.parse(policy);
  } catch {
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  }
  if (!("Statement" in parsed)) throw malformed("Missing required field Statement");
  call.store.buckets.setPolicy(call.bucket, policy);
  return { status: 204 };
};

function malformed(message: string): AwsError {
  return new AwsError("MalformedPolicy", message, 400);
}

export const deleteBucketPolicy: S3Operation = (call) => {
  bucketOf(call);
  call.store.buckets.setPolicy(call.bucket, undefined);
  return { status: 204 };
};

export const getBucketTagging: S3Operation = (call) => {
  const { tags } = bucketOf(call);
  if (tags === undefined) throw new AwsError("NoSuchTagSet", "The TagSet does not exist", 404);
  return { status: 200, body: taggingXml(tags) };
};

export const putBucketTagging: S3Operation = async (call) => {
  bucketOf(call);
  call.store.buckets.setTags(call.bucket, parseTagging(await readXml(call, "Tagging"), 50));
  return { status: 204 };
};

export const deleteBucketTagging: S3Operation = (call) => {
  bucketOf(call);
  call.store.buckets.setTags(call.bucket, undefined);
  return { status: 204 };
};

export const getObjectTagging: S3Operation = (call) => ({ status: 200, body: taggingXml(objectOf(call).tags) });

export const putObjectTagging: S3Operation = async (call) => {
  const tags = parseTagging(await readXml(call, "Tagging"), 10);
  objectOf(call);
  call.store.objects.setTags(call.bucket, call.key, tags);
  return { status: 200 };
};

export const deleteObjectTagging: S3Operation = (call) => {
  objectOf(call);
  call.store.objects.setTags(call.bucket, call.key, {});
  return { status: 204 };
};

/** ACLs are off, as they are for every new bucket: the owner has full control, nobody else has anything. */
export const getBucketAcl: S3Operation = (call) => {
  bucketOf(call);
  const owner = ownerOf(call);
  return {
    status: 200,
    body: s3Xml("AccessControlPolicy", {
      Owner: owner,
      AccessControlList: { Grant: { Grantee: owner, Permission: "FULL_CONTROL" } },
    }).replace("<Grantee>", '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">'),
  };
};
