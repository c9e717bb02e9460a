import type { Selectors } from "../../event/selector/selectors.ts";

/** A trail as it is set up. What was not given is absent, never "". */
export interface Trail {
  /** Of this trail alone: one that is made again under the same name has another. */
  readonly id: string;
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
  /** Absent: nobody has set any, and `DEFAULT_SELECTORS` hold. */
  readonly selectors?: Selectors;
  /** Templates by which data events are aggregated (`PutEventConfiguration`); absent: none. */
  readonly aggregationTemplates?: readonly AggregationTemplate[];
  readonly logging: boolean;
  /** Epoch milliseconds of the last StartLogging that changed anything, and of the last StopLogging; absent: never. */
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  readonly tags: readonly Tag[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

export type AggregationTemplate = "API_ACTIVITY" | "RESOURCE_ACCESS" | "USER_ACTIONS";

export interface Tag {
  readonly key: string;
  readonly value: string | null;
}
