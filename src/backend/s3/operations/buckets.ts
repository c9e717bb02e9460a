import { AwsError } from "../../../aws/aws-error.ts";
import { isRegionName } from "../../../aws/region.ts";
import { bucketOf, type S3Operation } from "../s3-call.ts";
import { isoMilliseconds, s3Xml } from "../s3-xml.ts";
import { parseBody, readText, textOf } from "../read-body.ts";
import { ownerOf } from "./owner.ts";

/** Bucket names: 3 to 63 of lower-case letters, digits, dots and hyphens, no IPv4 address ("Bucket naming rules"). */
const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)(?!xn--)[a-z0-9](?:[a-z0-9-]|\.(?![.-])){1,61}[a-z0-9]$/;

/** On a page of ListBuckets. */
const MAX_BUCKETS = 10_000;

export const listBuckets: S3Operation = (call) => {
  const prefix = call.query.get("prefix") ?? "";
  const after = call.query.get("continuation-token") ?? "";
  const most = Number(call.query.get("max-buckets") ?? MAX_BUCKETS);
  if (!Number.isInteger(most) || most < 1 || most > MAX_BUCKETS) {
    throw new AwsError("InvalidArgument", "Argument max-buckets must be an integer between 1 and 10000", 400);
  }
  const all = call.store.buckets.list(after, prefix);
  const shown = all.slice(0, most);
  const next = all.length > shown.length ? shown.at(-1)?.name : undefined;
  const buckets = shown.map(({ name, created, region }) => ({
    Name: name,
    CreationDate: isoMilliseconds(created),
    BucketRegion: region,
  }));
  return {
    status: 200,
    body: s3Xml("ListAllMyBucketsResult", {
      Owner: ownerOf(call),
      Buckets: { Bucket: buckets },
      ContinuationToken: next,
      Prefix: prefix === "" ? undefined : prefix,
    }),
  };
};

export const createBucket: S3Operation = async (call) => {
  if (!BUCKET_NAME.test(call.bucket)) throw new AwsError("InvalidBucketName", "The specified bucket is not valid.", 400);
  const region = await requestedRegion(call);
  if (call.store.buckets.get(call.bucket) === undefined) {
    call.store.buckets.create(call.bucket, region, call.clock.now());
  } else if (region !== "us-east-1") {
    // In us-east-1 S3 answers the owner's second creation with 200.
    throw new AwsError(
      "BucketAlreadyOwnedByYou",
      "Your previous request to create the named bucket succeeded and you already own it.",
      409,
    );
  }
  return { status: 200, headers: { location: `/${call.bucket}` } };
};

/** Without a constraint, the region that the request is signed for: S3 itself wants them to agree. */
async function requestedRegion(call: Parameters<S3Operation>[0]): Promise<string> {
  const text = await readText(call);
  if (text.trim() === "") return call.region;
  const constraint = textOf(parseBody(text, "CreateBucketConfiguration"), "LocationConstraint")?.trim() ?? "";
  if (constraint === "us-east-1" || (constraint !== "" && !isRegionName(constraint))) {
    throw new AwsError("InvalidLocationConstraint", "The specified location-constraint is not valid", 400);
  }
  return constraint === "EU" ? "eu-west-1" : constraint === "" ? call.region : constraint;
}

export const headBucket: S3Operation = (call) => {
  const { region } = bucketOf(call);
  return { status: 200, headers: { "x-amz-bucket-region": region, "x-amz-access-point-alias": "false" } };
};

export const deleteBucket: S3Operation = (call) => {
  bucketOf(call);
  const { buckets, objects, uploads } = call.store;
  call.store.release(() => {
    if (!objects.isEmpty(call.bucket)) {
      throw new AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
    }
    buckets.remove(call.bucket);
    return [...uploads.range(call.bucket, "", "")].flatMap((upload) => uploads.remove(upload.id));
  });
  return { status: 204 };
};

/** us-east-1 is an empty element. */
export const getBucketLocation: S3Operation = (call) => {
  const { region } = bucketOf(call);
  return { status: 200, body: s3Xml("LocationConstraint", region === "us-east-1" ? "" : region) };
};

/** Versioning cannot be turned on here, so this is the answer for a bucket where it never was. */
export const getBucketVersioning: S3Operation = (call) => {
  bucketOf(call);
  return { status: 200, body: s3Xml("VersioningConfiguration", {}) };
};

export const getBucketPolicy: S3Operation = (call) => {
  const { policy } = bucketOf(call);
  if (policy === undefined) throw new AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404);
  return { status: 200, headers: { "content-type": "application/json" }, body: policy };
};
