/**
 * `eventName` where it is not the operation's name, by catalogue id.
 *
 * Lambda puts the date of its URI prefix behind every operation dated 2018-10-31 or earlier. S3 keeps names of its own
 * that are older than its API's; CIS metric filters match those, not the API's.
 * Sources: AWS Lambda Developer Guide "Logging AWS Lambda API calls using AWS CloudTrail"; Amazon S3 User Guide "Amazon S3
 * CloudTrail events".
 */
const suffixes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  lambda: {
    "20150331v2": `AddPermission RemovePermission GetPolicy GetFunction GetFunctionConfiguration UpdateFunctionCode
      UpdateFunctionConfiguration`,
    "20150331": `CreateFunction DeleteFunction ListFunctions ListVersionsByFunction PublishVersion CreateAlias GetAlias
      UpdateAlias DeleteAlias ListAliases CreateEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping
      DeleteEventSourceMapping ListEventSourceMappings`,
    "20160819": "GetAccountSettings",
    "20170331": "ListTags",
    "20170331v2": "TagResource UntagResource",
    "20171031": "PutFunctionConcurrency DeleteFunctionConcurrency",
    "20181031": `PublishLayerVersion GetLayerVersion GetLayerVersionByArn ListLayers ListLayerVersions
      AddLayerVersionPermission GetLayerVersionPolicy RemoveLayerVersionPermission DeleteLayerVersion`,
  },
  // The functions' operations are the ones seen with a suffix; whether others have one is unconfirmed.
  cloudfront: {
    "2020_05_31":
      "CreateFunction DeleteFunction DescribeFunction GetFunction ListFunctions PublishFunction TestFunction UpdateFunction",
  },
};

const renamed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  s3: {
    PutBucketLifecycleConfiguration: "PutBucketLifecycle",
    GetBucketLifecycleConfiguration: "GetBucketLifecycle",
    GetBucketAccelerateConfiguration: "GetAccelerateConfiguration",
    PutBucketAccelerateConfiguration: "PutAccelerateConfiguration",
    GetPublicAccessBlock: "GetBucketPublicAccessBlock",
    PutPublicAccessBlock: "PutBucketPublicAccessBlock",
    DeletePublicAccessBlock: "DeleteBucketPublicAccessBlock",
    GetObjectLockConfiguration: "GetBucketObjectLockConfiguration",
    PutObjectLockConfiguration: "PutBucketObjectLockConfiguration",
    // Records of 2026; the guide lists these four under their API names.
    GetObjectRetention: "GetObjectLockRetention",
    PutObjectRetention: "PutObjectLockRetention",
    GetObjectLegalHold: "GetObjectLockLegalHold",
    PutObjectLegalHold: "PutObjectLockLegalHold",
    GetBucketNotificationConfiguration: "GetBucketNotification",
    PutBucketNotificationConfiguration: "PutBucketNotification",
    ListObjectsV2: "ListObjects",
    ListBucketMetricsConfigurations: "GetBucketMetricsConfiguration",
    ListBucketInventoryConfigurations: "GetBucketInventoryConfiguration",
    ListBucketAnalyticsConfigurations: "GetBucketAnalyticsConfiguration",
    ListBucketIntelligentTieringConfigurations: "GetBucketIntelligentTieringConfiguration",
  },
  "s3-control": {
    GetPublicAccessBlock: "GetAccountPublicAccessBlock",
    PutPublicAccessBlock: "PutAccountPublicAccessBlock",
    DeletePublicAccessBlock: "DeleteAccountPublicAccessBlock",
  },
  "route-53-domains": { UpdateDomainContact: "updateDomainContact" },
};

const names: ReadonlyMap<string, string> = new Map([
  ...Object.entries(renamed).flatMap(([service, table]) =>
    Object.entries(table).map(([operation, name]): [string, string] => [`${service}:${operation}`, name]),
  ),
  ...Object.entries(suffixes).flatMap(([service, table]) =>
    Object.entries(table).flatMap(([suffix, operations]) =>
      operations.split(/\s+/).map((operation): [string, string] => [`${service}:${operation}`, operation + suffix]),
    ),
  ),
]);

/** The name that the record carries for an API operation of the service with this catalogue id. */
export function eventName(serviceId: string, operationName: string): string {
  return names.get(`${serviceId}:${operationName}`) ?? operationName;
}
