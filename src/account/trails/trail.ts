/** A trail as it was set up. What was not given is absent, never "". */
export interface Trail {
  readonly accountId: string;
  readonly name: string;
  /** Where it was created, for good. */
  readonly homeRegion: string;
  readonly arn: string;
  readonly s3BucketName: string;
  readonly s3KeyPrefix?: string;
  /** As given: a name or an ARN; the ARN that it stands for. */
  readonly snsTopicName?: string;
  readonly snsTopicArn?: string;
  readonly includeGlobalServiceEvents: boolean;
  /** The trail counts, and is shown, in every Region of its partition: as a shadow trail elsewhere. */
  readonly isMultiRegionTrail: boolean;
  readonly logFileValidationEnabled: boolean;
  readonly cloudWatchLogsLogGroupArn?: string;
  readonly cloudWatchLogsRoleArn?: string;
  readonly kmsKeyId?: string;
  readonly isOrganizationTrail: boolean;
  /** False: the trail leaves out the events that its own delivery causes. */
  readonly recursiveLogging: boolean;
  readonly tags: readonly Tag[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

export interface Tag {
  readonly key: string;
  readonly value: string | null;
}
