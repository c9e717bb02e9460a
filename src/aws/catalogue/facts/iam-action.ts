/**
 * The IAM action that a call needs where it is not `PREFIX:Operation`, by catalogue id.
 * Source: Service Authorization Reference.
 */
const actions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  s3: {
    DeleteObject: "DeleteObjects",
    GetObject: "HeadObject SelectObjectContent",
    PutObject: `CopyObject CreateMultipartUpload CompleteMultipartUpload UploadPart UploadPartCopy PostObject RenameObject`,
    ListBucket: "HeadBucket ListObjects ListObjectsV2",
    ListBucketVersions: "ListObjectVersions",
    ListAllMyBuckets: "ListBuckets",
    ListMultipartUploadParts: "ListParts",
    ListBucketMultipartUploads: "ListMultipartUploads",
    GetEncryptionConfiguration: "GetBucketEncryption",
    PutEncryptionConfiguration: "PutBucketEncryption DeleteBucketEncryption",
    GetLifecycleConfiguration: "GetBucketLifecycle GetBucketLifecycleConfiguration",
    PutLifecycleConfiguration: "PutBucketLifecycle PutBucketLifecycleConfiguration DeleteBucketLifecycle",
    GetReplicationConfiguration: "GetBucketReplication",
    PutReplicationConfiguration: "PutBucketReplication DeleteBucketReplication",
    GetAccelerateConfiguration: "GetBucketAccelerateConfiguration",
    PutAccelerateConfiguration: "PutBucketAccelerateConfiguration",
    GetBucketCORS: "GetBucketCors",
    PutBucketCORS: "PutBucketCors DeleteBucketCors",
    GetBucketNotification: "GetBucketNotificationConfiguration",
    PutBucketNotification: "PutBucketNotificationConfiguration",
    GetBucketPublicAccessBlock: "GetPublicAccessBlock",
    PutBucketPublicAccessBlock: "PutPublicAccessBlock DeletePublicAccessBlock",
    PutBucketTagging: "DeleteBucketTagging",
    PutBucketOwnershipControls: "DeleteBucketOwnershipControls",
    GetBucketObjectLockConfiguration: "GetObjectLockConfiguration",
    PutBucketObjectLockConfiguration: "PutObjectLockConfiguration",
    GetAnalyticsConfiguration: "GetBucketAnalyticsConfiguration ListBucketAnalyticsConfigurations",
    PutAnalyticsConfiguration: "PutBucketAnalyticsConfiguration DeleteBucketAnalyticsConfiguration",
    GetInventoryConfiguration: "GetBucketInventoryConfiguration ListBucketInventoryConfigurations",
    PutInventoryConfiguration: "PutBucketInventoryConfiguration DeleteBucketInventoryConfiguration",
    GetMetricsConfiguration: "GetBucketMetricsConfiguration ListBucketMetricsConfigurations",
    PutMetricsConfiguration: "PutBucketMetricsConfiguration DeleteBucketMetricsConfiguration",
  },
  lambda: { InvokeFunction: "Invoke InvokeWithResponseStream" },
  sqs: {
    SendMessage: "SendMessageBatch",
    DeleteMessage: "DeleteMessageBatch",
    ChangeMessageVisibility: "ChangeMessageVisibilityBatch",
  },
  sns: { Publish: "PublishBatch" },
  kms: { ReEncryptFrom: "ReEncrypt" },
  dynamodb: {
    PutItem: "TransactWriteItems",
    GetItem: "TransactGetItems",
    PartiQLSelect: "ExecuteStatement BatchExecuteStatement ExecuteTransaction",
  },
  "bedrock-runtime": { InvokeModel: "Converse", InvokeModelWithResponseStream: "ConverseStream" },
};

/** Where IAM's name of a service is not the one that its requests are signed for. */
const prefixes: Readonly<Record<string, string>> = {
  cloudcontrol: "cloudformation",
  cloudwatch: "cloudwatch",
  "iot-data-plane": "iot",
  "resource-groups-tagging-api": "tag",
  sso: "sso",
};

const byOperation: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries(actions).map(([serviceId, named]) => [
    serviceId,
    new Map(
      Object.entries(named).flatMap(([action, names]) => names.split(/\s+/).map((name): [string, string] => [name, action])),
    ),
  ]),
);

/** `s3:GetObject` for HeadObject: what policies call a call. */
export function iamAction(serviceId: string, signingName: string, operationName: string): string {
  const prefix = Object.hasOwn(prefixes, serviceId) ? prefixes[serviceId] : signingName;
  return `${prefix}:${byOperation.get(serviceId)?.get(operationName) ?? operationName}`;
}
