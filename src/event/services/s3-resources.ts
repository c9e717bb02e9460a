import { formatArn, parseArn } from "../../aws/arn.ts";
import { isDataOperation } from "../../aws/catalogue/facts/data-events.ts";
import { partitionOf } from "../../aws/region.ts";
import type { ApiCall } from "../api-call.ts";
import type { RecordResource } from "../service-rules.ts";
import { arnOf, recordResource } from "./record-resource.ts";
import { s3Error } from "./s3-error.ts";

/** Calls that touch no bucket that existed before. */
const WITHOUT: ReadonlySet<string> = new Set(["CreateBucket", "ListBuckets", "ListDirectoryBuckets"]);

/**
 * Bucket first, then object, as records of 2026 have it. Calls on many objects give the beginning of their ARNs
 * (`ARNPrefix`). A bucket that does not exist is no resource.
 */
export function s3Resources(call: ApiCall): readonly RecordResource[] | undefined {
  const { s3, query } = call.request;
  if (s3?.bucket === undefined || WITHOUT.has(call.operationName) || s3Error(call)?.code === "NoSuchBucket") return undefined;
  const data = isDataOperation("s3", call.operationName);
  const prefix = query.find(([name]) => name === "prefix")?.[1] ?? "";

  if (s3.bucket.endsWith("--x-s3")) return expressResources(call, s3.bucket, s3.key ?? prefix, data);
  const accessPoint = accessPointArn(call, s3.bucket);
  const container = accessPoint ?? formatArn({ ...s3Arn(call), resource: s3.bucket });
  const objects = accessPoint === undefined ? `${container}/` : `${container}/object/`;

  const resources: RecordResource[] = [];
  if (accessPoint === undefined) resources.push({ accountId: call.accountId, type: "AWS::S3::Bucket", ARN: container });
  if (s3.key !== undefined) resources.push({ type: "AWS::S3::Object", ARN: objects + s3.key });
  else if (data) resources.push({ type: "AWS::S3::Object", ARNPrefix: objects + prefix });
  if (accessPoint !== undefined) resources.push(recordResource(call, "AWS::S3::AccessPoint", accessPoint));
  return resources;
}

function s3Arn(call: ApiCall) {
  return { partition: partitionOf(call.region).id, service: "s3", region: "", accountId: "" };
}

/** Directory buckets name the object by prefix only. */
function expressResources(call: ApiCall, bucket: string, key: string, data: boolean): readonly RecordResource[] {
  const arn = arnOf(call, "s3express", `bucket/${bucket}`);
  const directory: RecordResource = { accountId: call.accountId, type: "AWS::S3Express::DirectoryBucket", ARN: arn };
  return data ? [{ type: "AWS::S3Express::Object", ARNPrefix: `${arn}/${key}` }, directory] : [directory];
}

/** Access points are addressed by host (`NAME-ACCOUNT.s3-accesspoint.REGION…`), or by ARN in the bucket's place. */
function accessPointArn(call: ApiCall, bucket: string): string | undefined {
  if (parseArn(bucket)?.resource.startsWith("accesspoint") === true) return bucket;
  const match = /^([a-z0-9][a-z0-9-]*)-(\d{12})\.s3-accesspoint\./.exec(call.request.host);
  const [, name, accountId] = match ?? [];
  if (name === undefined || accountId === undefined) return undefined;
  return arnOf(call, "s3", `accesspoint/${name}`, { accountId });
}
