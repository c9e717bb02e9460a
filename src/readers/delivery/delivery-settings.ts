/** How log files are gathered and sent. */
export interface DeliverySettings {
  /** After a trail's first event that is in no file yet, its files are written. AWS takes about five minutes. */
  readonly flushMilliseconds: number;
  /** A file of so many octets before compression is written at once. 32 MiB at most, so that none is over AWS's 50 MB. */
  readonly flushOctets: number;
  /** The canned ACL `bucket-owner-full-control`, which the documented bucket policy asks for. */
  readonly acl: boolean;
  /** Asks for SSE-S3 where a trail has no KMS key. */
  readonly encryption: boolean;
  /** How long one request may take. */
  readonly requestMilliseconds: number;
  /** Between attempts, in milliseconds; doubles from the first to the last. Default: one second to five minutes. */
  readonly retryDelays?: { readonly first: number; readonly most: number };
}
