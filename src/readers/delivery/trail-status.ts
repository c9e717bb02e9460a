/** What delivery knows of one trail in one Region: times are epoch milliseconds, absent before the first. Source: GetTrailStatus. */
export interface TrailStatus {
  readonly latestDelivery?: DeliveryOutcome;
  readonly latestNotification?: DeliveryOutcome;
  readonly latestCloudWatchLogsDelivery?: DeliveryOutcome;
  readonly latestDigestDelivery?: DeliveryOutcome;
}

export interface DeliveryOutcome {
  /** Of the last success. */
  readonly time?: number;
  /** The destination's error code since the last success; time-outs are none. */
  readonly error?: string;
  /** Of the last attempt, whatever came of it. */
  readonly attempt?: number;
}

/** How the events that a trail was offered divide: `recorded = delivered + filtered + pending` (+ `expired`, `tooLarge` where some were given up). */
export interface TrailAccount {
  readonly recorded: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly pending: number;
  /** Given up after thirty days of refusals. */
  readonly expired: number;
}

/** What the CloudTrail API and `opentrail status` ask of delivery. */
export interface TrailStatusSource {
  status(trailId: string, region: string): TrailStatus;
  account(trailId: string): TrailAccount;
}
