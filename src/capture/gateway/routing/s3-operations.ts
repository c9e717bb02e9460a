import type { RequestHead } from "./request-head.ts";
import type { S3Address } from "./s3-address.ts";

type Level = "service" | "bucket" | "object";

/**
 * S3's operations by what stands on the wire ("Amazon S3 API Reference"): method, level, and the query parameters that
 * must be there (`name` or `name=value`). The row with most parameters wins. The model's own bindings do not tell which of
 * `GetBucketAnalyticsConfiguration` and `ListBucketAnalyticsConfigurations` is meant other than by `x-id`, which only some
 * clients send.
 */
const table: Readonly<Record<Level, Readonly<Record<string, string>>>> = {
  service: {
    GET: "ListBuckets",
  },
  bucket: {
    HEAD: "HeadBucket",
    PUT: `CreateBucket abac:PutBucketAbac accelerate:PutBucketAccelerateConfiguration acl:PutBucketAcl
      analytics:PutBucketAnalyticsConfiguration cors:PutBucketCors
      encryption:PutBucketEncryption intelligent-tiering:PutBucketIntelligentTieringConfiguration
      inventory:PutBucketInventoryConfiguration lifecycle:PutBucketLifecycleConfiguration logging:PutBucketLogging
      metadataAnnotationTable:UpdateBucketMetadataAnnotationTableConfiguration
      metadataInventoryTable:UpdateBucketMetadataInventoryTableConfiguration
      metadataJournalTable:UpdateBucketMetadataJournalTableConfiguration metrics:PutBucketMetricsConfiguration
      notification:PutBucketNotificationConfiguration object-lock:PutObjectLockConfiguration
      ownershipControls:PutBucketOwnershipControls policy:PutBucketPolicy publicAccessBlock:PutPublicAccessBlock
      replication:PutBucketReplication requestPayment:PutBucketRequestPayment tagging:PutBucketTagging
      versioning:PutBucketVersioning website:PutBucketWebsite`,
    POST: `delete:DeleteObjects metadataConfiguration:CreateBucketMetadataConfiguration
      metadataTable:CreateBucketMetadataTableConfiguration`,
    DELETE: `DeleteBucket analytics:DeleteBucketAnalyticsConfiguration cors:DeleteBucketCors
      encryption:DeleteBucketEncryption intelligent-tiering:DeleteBucketIntelligentTieringConfiguration
      inventory:DeleteBucketInventoryConfiguration lifecycle:DeleteBucketLifecycle
      metadataConfiguration:DeleteBucketMetadataConfiguration metadataTable:DeleteBucketMetadataTableConfiguration
      metrics:DeleteBucketMetricsConfiguration ownershipControls:DeleteBucketOwnershipControls
      policy:DeleteBucketPolicy publicAccessBlock:DeletePublicAccessBlock replication:DeleteBucketReplication
      tagging:DeleteBucketTagging website:DeleteBucketWebsite`,
    GET: `ListObjects list-type=2:ListObjectsV2 abac:GetBucketAbac accelerate:GetBucketAccelerateConfiguration
      acl:GetBucketAcl analytics:ListBucketAnalyticsConfigurations analytics&id:GetBucketAnalyticsConfiguration
      cors:GetBucketCors encryption:GetBucketEncryption
      intelligent-tiering:ListBucketIntelligentTieringConfigurations
      intelligent-tiering&id:GetBucketIntelligentTieringConfiguration inventory:ListBucketInventoryConfigurations
      inventory&id:GetBucketInventoryConfiguration lifecycle:GetBucketLifecycleConfiguration
      location:GetBucketLocation logging:GetBucketLogging metadataConfiguration:GetBucketMetadataConfiguration
      metadataTable:GetBucketMetadataTableConfiguration metrics:ListBucketMetricsConfigurations
      metrics&id:GetBucketMetricsConfiguration notification:GetBucketNotificationConfiguration
      object-lock:GetObjectLockConfiguration ownershipControls:GetBucketOwnershipControls policy:GetBucketPolicy
      policyStatus:GetBucketPolicyStatus publicAccessBlock:GetPublicAccessBlock replication:GetBucketReplication
      requestPayment:GetBucketRequestPayment session:CreateSession tagging:GetBucketTagging
      uploads:ListMultipartUploads versioning:GetBucketVersioning versions:ListObjectVersions website:GetBucketWebsite`,
  },
  object: {
    HEAD: "HeadObject",
    GET: `GetObject acl:GetObjectAcl annotation:ListObjectAnnotations annotation&annotationName:GetObjectAnnotation
      attributes:GetObjectAttributes legal-hold:GetObjectLegalHold retention:GetObjectRetention
      tagging:GetObjectTagging torrent:GetObjectTorrent uploadId:ListParts`,
    PUT: `PutObject acl:PutObjectAcl annotation:PutObjectAnnotation encryption:UpdateObjectEncryption
      legal-hold:PutObjectLegalHold partNumber&uploadId:UploadPart renameObject:RenameObject
      retention:PutObjectRetention tagging:PutObjectTagging`,
    POST: `restore:RestoreObject select&select-type=2:SelectObjectContent select:SelectObjectContent
      uploadId:CompleteMultipartUpload uploads:CreateMultipartUpload`,
    DELETE: `DeleteObject annotation:DeleteObjectAnnotation tagging:DeleteObjectTagging uploadId:AbortMultipartUpload`,
  },
};

interface Row {
  readonly needs: readonly (readonly [name: string, value: string | undefined])[];
  readonly operation: string;
}

const rows: ReadonlyMap<string, readonly Row[]> = new Map(
  Object.entries(table).flatMap(([level, methods]) =>
    Object.entries(methods).map(([method, text]): [string, Row[]] => [`${method} ${level}`, text.split(/\s+/).map(readRow)]),
  ),
);

/** Name of the S3 operation; undefined where S3 has none. */
export function findS3Operation(head: RequestHead, address: S3Address, hostForm: string): string | undefined {
  if (head.method === "OPTIONS") return "PreflightRequest";
  if (hostForm === "s3-website") {
    // Website endpoints serve objects and nothing else; `/` is the index document.
    return head.method === "GET" ? "GetObject" : head.method === "HEAD" ? "HeadObject" : undefined;
  }
  if (head.method === "POST" && head.path === "/WriteGetObjectResponse") return "WriteGetObjectResponse";
  const level: Level = address.bucket === undefined ? "service" : address.key === undefined ? "bucket" : "object";
  if (isFormUpload(head) && level === "bucket" && !head.query.some(([name]) => name === "delete")) return "PostObject";
  const found = mostSpecific(rows.get(`${head.method} ${level}`) ?? [], head);
  if (found === "ListBuckets" && hostForm === "s3express-control") return "ListDirectoryBuckets";
  if (!head.headers.has("x-amz-copy-source")) return found;
  return found === "PutObject" ? "CopyObject" : found === "UploadPart" ? "UploadPartCopy" : found;
}

/** A browser's upload by HTML form ("POST Object"): key and credential are fields of the body. */
export function isFormUpload(head: RequestHead): boolean {
  return head.method === "POST" && /^multipart\/form-data\b/i.test(head.headers.get("content-type") ?? "");
}

function mostSpecific(candidates: readonly Row[], head: RequestHead): string | undefined {
  let best: Row | undefined;
  for (const row of candidates) {
    const met = row.needs.every(([name, value]) => head.query.some(([key, given]) => key === name && (value ?? given) === given));
    if (met && (best === undefined || row.needs.length > best.needs.length)) best = row;
  }
  return best?.operation;
}

function readRow(text: string): Row {
  const colon = text.indexOf(":");
  if (colon === -1) return { needs: [], operation: text };
  const needs = text
    .slice(0, colon)
    .split("&")
    .map((need): [string, string | undefined] => {
      const equals = need.indexOf("=");
      return equals === -1 ? [need, undefined] : [need.slice(0, equals), need.slice(equals + 1)];
    });
  return { needs, operation: text.slice(colon + 1) };
}
