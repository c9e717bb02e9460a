/** What was found of one file, or of a time. Names come from the store: whoever prints them MUST escape them. */
export interface Finding {
  readonly subject: "digest" | "log" | "time";
  /** Of a backfill digest, or between such. */
  readonly backfill: boolean;
  readonly state: "valid" | "invalid" | "remark";
  readonly bucket?: string;
  readonly key?: string;
  /** In the AWS CLI's words where it has some. */
  readonly reason?: string;
}

/** A file that is what it has to be. */
export function validFile(subject: "digest" | "log", bucket: string, key: string, backfill = false): Finding {
  return { subject, backfill, state: "valid", bucket, key };
}

export function invalidFile(subject: "digest" | "log", bucket: string, key: string, reason: string, backfill = false): Finding {
  return { subject, backfill, state: "invalid", bucket, key, reason };
}
